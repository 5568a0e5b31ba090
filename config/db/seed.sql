-- The running example of the documentation: tenant "acme-support", its key "acme-support-key", its policy
-- "support-draft" as config/policies/support-draft.yaml has it, with version "support-draft-v0" in status "shadow", and
-- a week of events. Run it as a member of rlaas_owner (`rlaas seed`, or psql); it may run any number of times and changes
-- nothing that is there already.
begin;
set local role rlaas_owner;
select set_config('rlaas.tenants', '{0190a000-0000-7000-8000-000000000001}', true);

insert into rlaas.tenants (id, slug, name)
values ('0190a000-0000-7000-8000-000000000001', 'acme-support', 'Acme support desk')
on conflict do nothing;

-- A row like any other. Since the key is printed in the documentation, services refuse it in production.
insert into rlaas.api_keys (id, tenant_id, name, prefix, hash, kind, scopes)
values (
  '0190a000-0000-7000-8000-000000000002', '0190a000-0000-7000-8000-000000000001', 'seed key', 'acme-support-key',
  sha256('acme-support-key'), 'secret', '{admin}'
)
on conflict do nothing;

insert into rlaas.policies (tenant_id, name, configuration, source)
values (
  '0190a000-0000-7000-8000-000000000001', 'support-draft',
  '{
    "description": "Which style of draft the assistant offers for a support ticket.",
    "actions": [
      {
        "id": "template", "description": "Fill the closest reply template; the baseline.",
        "features": {"sentences": 4, "tone": "neutral", "personal": false, "asks_back": false}
      },
      {
        "id": "concise", "description": "Three sentences at most.",
        "features": {"sentences": 3, "tone": "neutral", "personal": true, "asks_back": false}
      },
      {
        "id": "empathetic", "description": "Acknowledge the trouble first, then answer.",
        "features": {"sentences": 6, "tone": "warm", "personal": true, "asks_back": false}
      },
      {
        "id": "step-by-step", "description": "Numbered steps with one question at the end.",
        "features": {"sentences": 8, "tone": "neutral", "personal": true, "asks_back": true}
      }
    ],
    "baseline_exploration": 0.1
  }',
  'seed'
)
on conflict do nothing;

insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
values (
  '0190a000-0000-7000-8000-000000000001', 'support-draft', 'support-draft-v0', 'shadow',
  '{
    "description": "The first version that learns: linear scores, square-root exploration.",
    "explorer": {"kind": "squarecb", "gamma_scale": 10},
    "minimum_probability": 0.1,
    "learner": {
      "estimator": "mtr", "learning_rate": 2, "bits": 18,
      "interactions": [["context", "action"]], "action_id_feature": true
    }
  }',
  'seed'
)
on conflict do nothing;

-- Before the decisions below, so that each of them gets its reward.
insert into rlaas.reward_specs (tenant_id, policy, version, definition, source)
values (
  '0190a000-0000-7000-8000-000000000001', 'support-draft', 1,
  '{
    "range": [-1, 1],
    "window": {"after": "72h", "grace": "10m", "early_when": "has(e.sent) && has(e.csat)"},
    "default": {"value": -0.25, "when": "has(e.shown) && !has(e.sent)"},
    "credit": "equal",
    "inputs": {
      "shown": {"event": "outcome", "name": "shown", "aggregate": "any", "scope": "decision"},
      "sent": {"event": "outcome", "name": "sent", "aggregate": "first", "scope": "decision"},
      "reopened": {"event": "outcome", "name": "reopened", "aggregate": "any", "default": false, "scope": "decision"},
      "csat": {"event": "feedback", "name": "csat", "aggregate": "last", "range": [1, 5], "scope": "episode"},
      "edit": {"event": "demonstration", "aggregate": "last", "grader": "edit_similarity", "scope": "decision"}
    },
    "value": "(has(e.sent) ? 0.4 : 0.0)\n+ (has(e.edit) ? 0.2 * e.edit : 0.0)\n+ (has(e.csat) ? 0.2 * (e.csat - 3.0) : 0.0)\n- (e.reopened ? 0.5 : 0.0)\n"
  }',
  'seed'
)
on conflict do nothing;

-- The last seven days of the help desk: decisions of the explored baseline as the gateway logs them, and what became of
-- the drafts. Everything but the times follows from the number of a decision, so that every installation tells the same
-- story; only what would lie in the future is left out. A tenant that has events of its own gets none of these.
select rlaas.make_event_partitions(7);
select pg_advisory_xact_lock(7202611220004);

with clock as materialized (
  select (extract(epoch from now()) * 1000)::bigint as now_ms, (now() at time zone 'UTC')::date as today
), opening_hours (weekday, decisions, opens, hours) as (
  values (1, 90, 8, 10), (2, 78, 8, 10), (3, 72, 8, 10), (4, 66, 8, 10), (5, 56, 8, 10), (6, 22, 10, 6), (7, 16, 10, 6)
), slots as (
  select row_number() over (order by o.weekday, k) as n, o.weekday,
         o.opens * 3600000::bigint + o.hours * 3600000::bigint * (k - 1) / o.decisions as day_ms
  from opening_hours o cross join lateral generate_series(1, o.decisions) k
), numbered as (
  -- 32 bytes that look random and are the same everywhere: the dice of everything below.
  select n, weekday, day_ms, sha256(convert_to('acme-support decision ' || n, 'UTF8')) as dice from slots
), decided as (
  -- Of the eight days that the window touches, each weekday and time of day falls into it once.
  select s.n, s.dice, s.ms
  from clock, numbered cross join lateral (
    select numbered.n, numbered.dice,
           (extract(epoch from clock.today - back) * 1000)::bigint + numbered.day_ms
             + get_byte(numbered.dice, 0) * 1000 + get_byte(numbered.dice, 1) as ms
    from generate_series(0, 7) back
    where extract(isodow from clock.today - back) = numbered.weekday
  ) s
  where s.ms > clock.now_ms - 7 * 86400000::bigint and s.ms <= clock.now_ms
    and not exists (select from rlaas.events where tenant_id = '0190a000-0000-7000-8000-000000000001')
), situations as (
  select n, ms, dice,
         (array['billing', 'billing', 'delivery', 'delivery', 'delivery', 'login', 'login', 'refund', 'refund', 'bug'])
           [1 + get_byte(dice, 2) % 10] as topic,
         (array['email', 'email', 'email', 'chat', 'chat', 'web'])[1 + get_byte(dice, 3) % 6] as channel,
         (array['en', 'en', 'en', 'en', 'de', 'de', 'fr'])[1 + get_byte(dice, 4) % 7] as language,
         (array['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + get_byte(dice, 5) % 6] as priority,
         (array['free', 'free', 'pro', 'pro', 'business'])[1 + get_byte(dice, 6) % 5] as tier,
         40 + get_byte(dice, 7) * 5 as message_length,
         -- 0 is the baseline with nine in ten, the others share the rest.
         greatest(0, ((get_byte(dice, 8) * 256 + get_byte(dice, 9)) * 30 / 65536) - 26) as chosen
  from decided
), fits (topic, object, percent) as (
  -- How often a draft is sent, by action: different topics want different styles.
  values ('billing', 'your invoice', array[60, 72, 55, 50]), ('delivery', 'your parcel', array[64, 78, 50, 44]),
         ('refund', 'your refund', array[44, 40, 82, 50]), ('login', 'your sign-in', array[50, 44, 46, 88]),
         ('bug', 'the error that you saw', array[34, 40, 56, 76])
), drafts as (
  select s.*, f.percent[s.chosen + 1] as fit,
         get_byte(dice, 10) < 246 as shown,
         get_byte(dice, 10) < 246 and get_byte(dice, 11) * 100 < f.percent[s.chosen + 1] * 256 as sent,
         format((array[
           'Hello, thank you for your message about %s. We are looking into it and will come back to you.',
           'We have checked %s. It will be settled within two working days.',
           'We are sorry for the trouble with %s. We have taken it up and will stay with it until it is solved.',
           '1. Open your account. 2. Choose %s. 3. Follow the link that you find there. Did that help?'
         ])[s.chosen + 1], f.object) as draft,
         format('Hello, I have looked at %s myself and put it right.', f.object) as own_reply
  from situations s join fits f using (topic)
), facts (n, ms, type, source, data) as (
  -- "data" in the form of RFC 8785, as the collector stores and hashes it: names sorted, no blanks.
  select n, ms, 'decision', 'gateway', concat(
    '{"actions":[{"features":{"asks_back":false,"personal":false,"sentences":4,"tone":"neutral"},"id":"template"},',
    '{"features":{"asks_back":false,"personal":true,"sentences":3,"tone":"neutral"},"id":"concise"},',
    '{"features":{"asks_back":false,"personal":true,"sentences":6,"tone":"warm"},"id":"empathetic"},',
    '{"features":{"asks_back":true,"personal":true,"sentences":8,"tone":"neutral"},"id":"step-by-step"}],',
    '"checkpoint":null,"chosen":', chosen,
    ',"context":{"channel":"', channel, '","customer_tier":"', tier, '","language":"', language,
    '","message_length":', message_length, ',"priority":"', priority, '","topic":"', topic,
    '"},"mode":"shadow_only","policy_version":null,',
    '"probabilities":[0.9,0.03333333333333333,0.03333333333333333,0.03333333333333333],',
    '"propensity":', case chosen when 0 then '0.9' else '0.03333333333333333' end, '}')
  from drafts
  union all
  select n, ms + 2000 + get_byte(dice, 12) * 40, 'outcome', 'help-desk', '{"name":"shown","value":true}'
  from drafts where shown
  union all
  select n, ms + 60000 + get_byte(dice, 13) * 2500, 'outcome', 'help-desk', '{"name":"sent","value":true}'
  from drafts where sent
  union all
  -- What the agent sent in the end: the draft as it was, the draft with more to it, or a reply of their own.
  select n, ms + 60500 + get_byte(dice, 13) * 2500, 'demonstration', 'help-desk', concat(
    '{"draft":"', draft, '","final":"',
    case when not sent then own_reply
         when get_byte(dice, 14) % 3 = 0 then draft || ' Please call us if it is urgent.'
         else draft end, '"}')
  from drafts where shown and get_byte(dice, 15) % 3 = 0
  union all
  select n, ms + (6 + get_byte(dice, 16) % 36) * 3600000::bigint + get_byte(dice, 17) * 10000, 'outcome', 'help-desk',
         '{"name":"reopened","value":true}'
  from drafts where sent and get_byte(dice, 18) * 100 < (100 - fit) / 3 * 256
  union all
  select n, ms + (2 + get_byte(dice, 19) % 30) * 3600000::bigint + get_byte(dice, 20) * 10000, 'feedback', 'survey',
         format('{"name":"csat","rating":%s}', least(5, greatest(1, (fit + get_byte(dice, 21) % 50) / 23 + 1)))
  from drafts where sent and get_byte(dice, 22) % 5 < 2
), identified as (
  -- A UUIDv7: 48 bits of time, the version, the variant, and 74 bits of a hash.
  select f.n, f.ms, f.type, f.source, f.data,
         concat(left(h.time, 8), '-', right(h.time, 4), '-7', left(h.bits, 3),
                '-', substr('89ab', 1 + get_byte(h.hash, 31) % 4, 1), substr(h.bits, 5, 3),
                '-', substr(h.bits, 8, 12)) as id,
         to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as occurred_at, h.at
  from clock, facts f cross join lateral (
    select hash, encode(hash, 'hex') as bits, lpad(to_hex(f.ms), 12, '0') as time,
           timestamptz 'epoch' + f.ms * interval '1 millisecond' as at
    from sha256(convert_to(concat('acme-support event ', f.n, ' ', f.type, ' ', f.data), 'UTF8')) hash
  ) h
  where f.ms <= clock.now_ms
), placed as (
  select e.*, d.id as decision_id,
         (row_number() over (order by e.id collate "C") - 1) / 50 as batch,
         ((row_number() over (order by e.id collate "C") - 1) % 50 + 1)::integer as ordinal
  from identified e join identified d on d.n = e.n and d.type = 'decision'
), batches as materialized (
  select b.batch, nextval('rlaas.ingest_batches_id_seq') as id, b.rows, b.received_at
  from (
    select batch, count(*)::integer as rows, least(max(at) + interval '250 milliseconds', now()) as received_at
    from placed group by batch order by batch
  ) b
), stored as (
  insert into rlaas.events (tenant_id, id, type, schema_version, occurred_at, received_at, policy, decision_id, source,
                            data, fingerprint, batch_id, ordinal)
  select '0190a000-0000-7000-8000-000000000001', p.id::uuid, p.type, 1, p.at, b.received_at, 'support-draft',
         p.decision_id::uuid, p.source, p.data::jsonb,
         -- Of the event as it was sent; a decision does not name itself.
         left(encode(sha256(convert_to(concat(
           '{"data":', p.data, case when p.type <> 'decision' then ',"decision_id":"' || p.decision_id || '"' end,
           ',"id":"', p.id, '","occurred_at":"', p.occurred_at,
           '","policy":"support-draft","schema_version":1,"source":"', p.source, '","type":"', p.type, '"}'
         ), 'UTF8')), 'hex'), 32)::uuid,
         b.id, p.ordinal
  from placed p join batches b using (batch)
), noted as (
  insert into rlaas.ingest_batches (id, received_at, rows, tenants) overriding system value
  select id, received_at, rows, '{0190a000-0000-7000-8000-000000000001}' from batches
)
insert into rlaas.batch_deliveries (consumer, batch_id, tenant_id)
select c.name, b.id, '0190a000-0000-7000-8000-000000000001' from rlaas.consumers c cross join batches b;
commit;
