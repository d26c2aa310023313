-- What all processes together have spent of the providers' limits (docs/decisions/0008).
--
-- Nothing here belongs to a user, and nothing of it is shown: so it is not in "public". Only the
-- program itself comes near it. Keys are told apart by fingerprints; no key is ever stored.

create table if not exists coursewright_meta.quota_domains (
  id bigint generated always as identity primary key,
  provider text not null,
  project text not null,
  model text not null,
  facts jsonb not null default '{}',
  facts_at timestamptz not null default '-infinity',
  version bigint not null default 0,
  blocked_until timestamptz not null default '-infinity',
  day_used bigint not null default 0,
  day_ends timestamptz not null default '-infinity',
  denied_at timestamptz not null default '-infinity',
  unique (provider, project, model)
);
comment on column coursewright_meta.quota_domains.facts is
  'What processes have learnt of its limits; believed for an hour';

create table if not exists coursewright_meta.quota_workers (
  id uuid primary key,
  seen_at timestamptz not null,
  has_left boolean not null default false
);
comment on column coursewright_meta.quota_workers.has_left is
  'It has said goodbye. One that is silent without that may be cut off, and may still be sending';

create table if not exists coursewright_meta.quota_spent (
  id uuid primary key,
  domain_id bigint not null references coursewright_meta.quota_domains (id) on delete cascade,
  worker_id uuid not null references coursewright_meta.quota_workers (id) on delete cascade,
  tokens bigint not null,
  sent_at timestamptz,
  expires_at timestamptz,
  keep interval not null
);
comment on table coursewright_meta.quota_spent is
  'A place in the minute of a domain. It counts until it expires; until it is sent it does not';
create index if not exists idx_quota_spent_domain
  on coursewright_meta.quota_spent (domain_id, expires_at);
create index if not exists idx_quota_spent_worker on coursewright_meta.quota_spent (worker_id);

create table if not exists coursewright_meta.quota_dead_keys (
  number bigint generated always as identity primary key,
  fingerprint text not null unique,
  reason text not null,
  seen_at timestamptz not null
);

do $$
declare
  guarded text;
begin
  foreach guarded in array array['quota_domains', 'quota_workers', 'quota_spent', 'quota_dead_keys']
  loop
    guarded := 'coursewright_meta.' || guarded;
    call coursewright_meta.lock_table(guarded::regclass);
    execute format('grant select, insert, update, delete on table %s to coursewright_app', guarded);
    call coursewright_meta.set_policy(
      guarded::regclass, 'The program keeps count', 'all', 'coursewright_app', 'true'
    );
  end loop;
end
$$;

-- When a slot of a process that is gone was sent at the latest, and what is gone for good.
create or replace procedure coursewright_meta.forget_quota(of_domain bigint, lease interval)
language plpgsql
set search_path = ''
as $$
begin
  update coursewright_meta.quota_spent s
  set sent_at = w.seen_at + lease, expires_at = w.seen_at + lease + s.keep
  from coursewright_meta.quota_workers w
  where s.domain_id = of_domain and s.sent_at is null
    and w.id = s.worker_id and w.seen_at < clock_timestamp() - lease;
  delete from coursewright_meta.quota_spent
  where domain_id = of_domain and expires_at <= clock_timestamp();
end
$$;

-- One claim: {"granted": ..., "seconds": ..., "tokens": ...}. The domain is locked by the caller.
create or replace function coursewright_meta.claim_quota(
  me uuid, of_domain bigint, claim jsonb, lease interval
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  wanted constant bigint := (claim ->> 'tokens')::bigint;
  claimed constant uuid := (claim ->> 'id')::uuid;
  how coursewright_meta.quota_domains;
  clock timestamptz;
  rpm bigint;
  tpm bigint;
  rpd bigint;
  requests bigint;
  tokens bigint;
  early timestamptz; -- when everything but the tokens allows it
  late timestamptz;  -- when the tokens do, too
begin
  if exists (select from coursewright_meta.quota_spent where id = claimed) then
    return '{"granted": true}'; -- the answer to the first time was lost
  end if;
  call coursewright_meta.forget_quota(of_domain, lease);
  select * into how from coursewright_meta.quota_domains where id = of_domain;
  clock := clock_timestamp();
  rpm := coalesce((how.facts ->> 'rpm')::bigint, (claim ->> 'rpm')::bigint);
  tpm := coalesce((how.facts ->> 'tpm')::bigint, (claim ->> 'tpm')::bigint);
  rpd := coalesce((how.facts ->> 'rpd')::bigint, (claim ->> 'rpd')::bigint);

  early := greatest(clock, how.blocked_until);
  if how.facts ->> 'closed' is not null then
    early := 'infinity';
  end if;
  if how.day_used + 1 > rpd then
    early := greatest(early, how.day_ends);
  end if;
  select count(*), coalesce(sum(s.tokens), 0) into requests, tokens
  from coursewright_meta.quota_spent s where s.domain_id = of_domain;
  if requests + 1 > rpm then
    -- 'infinity' where too few have been sent
    early := greatest(early, coalesce((
      select s.expires_at from coursewright_meta.quota_spent s
      where s.domain_id = of_domain and s.expires_at is not null
      order by s.expires_at offset greatest(requests - rpm, 0) limit 1
    ), 'infinity'));
  end if;
  late := early;
  if tokens + wanted > tpm then
    late := greatest(early, coalesce((
      select freed.expires_at
      from (
        select s.expires_at, sum(s.tokens) over (order by s.expires_at, s.id) as sum
        from coursewright_meta.quota_spent s
        where s.domain_id = of_domain and s.expires_at is not null
      ) as freed
      where freed.sum >= tokens + wanted - tpm order by freed.sum limit 1
    ), 'infinity'));
  end if;

  if late > clock then
    update coursewright_meta.quota_domains set denied_at = clock where id = of_domain;
    return jsonb_build_object(
      'granted', false,
      'seconds', case when late < 'infinity' then extract(epoch from late - clock) end,
      'tokens', case when early <= clock then wanted else 0 end
    );
  end if;
  insert into coursewright_meta.quota_spent (id, domain_id, worker_id, tokens, keep)
  values (claimed, of_domain, me, wanted, make_interval(secs => (claim ->> 'keep')::float8));
  update coursewright_meta.quota_domains set day_used = day_used + 1 where id = of_domain;
  return '{"granted": true}';
end
$$;

-- Everything that a process has to say, and the answer to it, in one transaction. See
-- coursewright/database/quota.py, which writes the letter.
create or replace function coursewright_meta.exchange_quota(letter jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  me constant uuid := (letter ->> 'worker')::uuid;
  lease constant interval := make_interval(secs => (letter ->> 'lease')::float8);
  believed constant interval := interval '1 hour';
  names constant jsonb := letter -> 'domains'; -- [provider, project, model, known version]
  ids bigint[] := '{}';
  freed boolean[] := '{}'; -- whether others may find more room now
  clock timestamptz;
  item jsonb;
  place integer;
  moment timestamptz;
  used bigint;
  tokens_before bigint;
  verdicts jsonb := '[]';
  news jsonb := '[]';
  dead jsonb;
  processes integer;
  known_since timestamptz;
  too_early boolean;
begin
  select seen_at into known_since from coursewright_meta.quota_workers where id = me;
  insert into coursewright_meta.quota_workers (id, seen_at, has_left)
  values (me, clock_timestamp(), coalesce((letter ->> 'bye')::boolean, false))
  on conflict (id) do update set seen_at = excluded.seen_at, has_left = excluded.has_left;
  -- After an outage of this database all processes come back within a second, and tell what they
  -- have spent meanwhile. Who comes now and claims at once must not be quicker than they are.
  too_early := known_since is null and exists (
    select from coursewright_meta.quota_workers w
    where w.id <> me and not w.has_left
      and w.seen_at between clock_timestamp() - interval '10 minutes'
        and clock_timestamp() - lease / 2
  );
  if known_since is null then
    perform pg_notify('quota_changed', '0 ' || me); -- all shares are smaller now
  end if;

  -- In one order for everybody, so that nobody waits for whoever waits for them.
  insert into coursewright_meta.quota_domains (provider, project, model)
  select n ->> 0, n ->> 1, n ->> 2 from jsonb_array_elements(names) as n
  where not exists (
    select from coursewright_meta.quota_domains d
    where (d.provider, d.project, d.model) = (n ->> 0, n ->> 1, n ->> 2)
  )
  order by 1, 2, 3
  on conflict do nothing;
  select coalesce(array_agg(d.id order by n.place), '{}'),
    coalesce(array_agg(false order by n.place), '{}')
  into ids, freed
  from jsonb_array_elements(names) with ordinality as n (name, place)
  join coursewright_meta.quota_domains d on (d.provider, d.project, d.model)
    = (n.name ->> 0, n.name ->> 1, n.name ->> 2);
  perform pg_advisory_xact_lock(6072, (each.id % 2147483647)::integer)
  from (select unnest(ids) as id order by 1) as each;

  clock := clock_timestamp();
  update coursewright_meta.quota_domains set
    -- The provider's day ends at midnight Pacific, unless it has said otherwise.
    day_used = case when day_ends <= clock then 0 else day_used end,
    day_ends = case
      when day_ends <= clock
      then (date_trunc('day', clock at time zone 'America/Los_Angeles') + interval '1 day')
        at time zone 'America/Los_Angeles'
      else day_ends
    end,
    facts = case when facts_at < clock - believed then '{}' else facts end
  where id = any (ids)
    and (day_ends <= clock or (facts <> '{}' and facts_at < clock - believed));

  for item in select * from jsonb_array_elements(letter -> 'learned') loop
    place := (item ->> 'domain')::integer;
    update coursewright_meta.quota_domains set
      facts = facts || ((item -> 'changes') - '{blocked_for,day_for,day_used}'::text[]),
      facts_at = clock,
      day_used = greatest(day_used, coalesce((item #>> '{changes,day_used}')::bigint, 0)),
      version = version + 1,
      blocked_until = greatest(blocked_until, coalesce(
        clock + make_interval(secs => (item #>> '{changes,blocked_for}')::float8), '-infinity'
      )),
      day_ends = coalesce(
        clock + make_interval(secs => (item #>> '{changes,day_for}')::float8), day_ends
      )
    where id = ids[place + 1];
    freed[place + 1] := true;
  end loop;

  for item in select * from jsonb_array_elements(letter -> 'spent') loop
    place := (item ->> 'domain')::integer;
    moment := clock - make_interval(secs => (item ->> 'sent_ago')::float8);
    select s.tokens into tokens_before
    from coursewright_meta.quota_spent s where s.id = (item ->> 'id')::uuid;
    if found then
      update coursewright_meta.quota_spent set
        tokens = (item ->> 'tokens')::bigint,
        sent_at = greatest(sent_at, moment),
        expires_at = greatest(sent_at, moment) + keep
      where id = (item ->> 'id')::uuid;
      freed[place + 1] := freed[place + 1] or tokens_before > (item ->> 'tokens')::bigint;
    elsif (item ->> 'again')::boolean then
      insert into coursewright_meta.quota_spent
        (id, domain_id, worker_id, tokens, sent_at, expires_at, keep)
      select (item ->> 'id')::uuid, ids[place + 1], me, (item ->> 'tokens')::bigint,
        moment, moment + kept.keep, kept.keep
      from make_interval(secs => (item ->> 'keep')::float8) as kept (keep);
      update coursewright_meta.quota_domains set day_used = day_used + 1
      where id = ids[place + 1];
    end if;
  end loop;

  for item in select * from jsonb_array_elements(letter -> 'given_back') loop
    place := (item ->> 'domain')::integer;
    delete from coursewright_meta.quota_spent where id = (item ->> 'id')::uuid;
    if found then
      update coursewright_meta.quota_domains set day_used = greatest(0, day_used - 1)
      where id = ids[place + 1];
      freed[place + 1] := true;
    end if;
  end loop;

  insert into coursewright_meta.quota_dead_keys (fingerprint, reason, seen_at)
  select k ->> 'fingerprint', k ->> 'reason', clock from jsonb_array_elements(letter -> 'dead') as k
  on conflict (fingerprint) do update set reason = excluded.reason, seen_at = excluded.seen_at;

  for item in select * from jsonb_array_elements(letter -> 'claims') loop
    verdicts := verdicts || case
      when too_early then '{"granted": false, "seconds": 1, "tokens": 0}'
      else coursewright_meta.claim_quota(
        me, ids[(item ->> 'domain')::integer + 1], item, lease
      )
    end;
  end loop;

  clock := clock_timestamp();
  for place in 1 .. cardinality(ids) loop
    select news || jsonb_build_object(
      'number', d.id,
      'version', d.version,
      'facts', case
        when d.version <> (names -> (place - 1) ->> 3)::bigint
        then d.facts || jsonb_build_object(
          'blocked_for',
          case when d.blocked_until > clock then extract(epoch from d.blocked_until - clock) end
        )
      end,
      'day_used', d.day_used,
      'day_for', extract(epoch from d.day_ends - clock)
    ) into news
    from coursewright_meta.quota_domains d where d.id = ids[place];
    if freed[place] then
      -- Only where somebody was sent away lately is there anybody to tell, and once is enough.
      update coursewright_meta.quota_domains set denied_at = '-infinity'
      where id = ids[place] and denied_at > clock - interval '2 minutes';
      if found then
        perform pg_notify('quota_changed', ids[place] || ' ' || me);
      end if;
    end if;
  end loop;

  select coalesce(jsonb_agg(to_jsonb(k) order by k.number), '[]') into dead
  from coursewright_meta.quota_dead_keys k
  where k.number > (letter ->> 'dead_known')::bigint and k.seen_at > clock - believed;
  select count(*) into processes
  from coursewright_meta.quota_workers w where w.seen_at > clock - lease and not w.has_left;
  return jsonb_build_object(
    'verdicts', verdicts, 'news', news, 'dead', dead, 'processes', processes
  );
end
$$;

-- What no claim comes across any more. A row that somebody else holds is left for the next time.
create or replace procedure coursewright_meta.tidy_quota()
language sql
set search_path = ''
begin atomic
  delete from coursewright_meta.quota_spent where id in (
    select id from coursewright_meta.quota_spent
    where expires_at < clock_timestamp() - interval '1 hour' for update skip locked
  );
  delete from coursewright_meta.quota_workers where id in (
    select id from coursewright_meta.quota_workers
    where seen_at < clock_timestamp() - interval '1 hour' for update skip locked
  );
  delete from coursewright_meta.quota_dead_keys where number in (
    select number from coursewright_meta.quota_dead_keys
    where seen_at < clock_timestamp() - interval '1 day' for update skip locked
  );
end;

revoke all on function
  coursewright_meta.claim_quota(uuid, bigint, jsonb, interval),
  coursewright_meta.exchange_quota(jsonb)
from public;
grant execute on function
  coursewright_meta.claim_quota(uuid, bigint, jsonb, interval),
  coursewright_meta.exchange_quota(jsonb)
to coursewright_app;
revoke all on procedure
  coursewright_meta.forget_quota(bigint, interval), coursewright_meta.tidy_quota()
from public;
grant execute on procedure
  coursewright_meta.forget_quota(bigint, interval), coursewright_meta.tidy_quota()
to coursewright_app;
