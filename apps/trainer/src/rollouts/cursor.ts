/** Before all ids: a cursor with it stands before everything of its millisecond. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';
