import { checkInstallation, checkNotifications } from '@rlaas/database';
import { exitCodeOf } from '../dev/database.ts';
import type { Finding } from './finding.ts';

/** Looks at the database of the environment as a service would; nothing to look at without one. */
export async function checkDatabase(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  const what = 'database';
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: directUrl } = environment;
  if (!url)
    return [{ what, verdict: 'fine', message: 'DATABASE_URL is not set: "rlaas dev" brings its own' }];
  const found = await checkInstallation({ url });
  const usable = found.every((finding) => finding.weight === 'note');
  if (usable) {
    const notifications = await checkNotifications(directUrl || url);
    if (notifications) found.push(notifications);
  }
  const findings = found.map(({ code, weight, message }): Finding =>
    weight === 'note' || code === 'no_notifications'
      ? { what, verdict: 'note', message }
      : { what, verdict: 'wrong', message, exitCode: exitCodeOf(code) },
  );
  return usable ? [{ what, verdict: 'fine', message: 'a service may work with it' }, ...findings] : findings;
}
