-- A checkpoint is two files: what a version decides with, which is all that gateways read, and what learning on from it
-- needs besides. Checkpoints of before have no second one; trainers learn anew from the training log instead.
alter table rlaas.checkpoints add column resume_key text, add column resume_sha256 text, add column metadata jsonb;
comment on column rlaas.checkpoints.object_key is 'The model: what the version decides with.';
comment on column rlaas.checkpoints.resume_key is 'What an exact resume needs beside the model.';
comment on column rlaas.checkpoints.metadata is 'For people: decisions learned, and the sizes of both files in bytes.';
