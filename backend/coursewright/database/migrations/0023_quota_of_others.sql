-- What other processes have spent in this minute and still want to, so that a process that chooses
-- between models knows how long it would wait behind all of them, and not only behind itself.
alter table coursewright_meta.quota_workers
  add column if not exists waiting jsonb not null default '{}';
comment on column coursewright_meta.quota_workers.waiting is
  'Calls that wait in it, by pool: [calls, tokens]';

-- {"waiting": {pool: [calls, tokens]}, "spent": [[provider, project, model, calls, tokens]]};
-- null for a letter that does not ask. To be called after exchange_quota(), which knows the process.
create or replace function coursewright_meta.quota_of_others(letter jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  me constant uuid := (letter ->> 'worker')::uuid;
  lease constant interval := make_interval(secs => (letter ->> 'lease')::float8);
  mine constant jsonb := letter -> 'waiting';
  clock constant timestamptz := clock_timestamp();
begin
  if mine is null then
    return null;
  end if;
  update coursewright_meta.quota_workers set waiting = mine where id = me and waiting <> mine;
  return jsonb_build_object(
    'waiting', (
      select coalesce(jsonb_object_agg(pool.name, jsonb_build_array(pool.calls, pool.tokens)), '{}')
      from (
        select each.key as name,
          sum((each.value ->> 0)::bigint) as calls, sum((each.value ->> 1)::bigint) as tokens
        from coursewright_meta.quota_workers w, jsonb_each(w.waiting) as each
        where w.id <> me and not w.has_left and w.seen_at > clock - lease
        group by each.key
      ) as pool
    ),
    'spent', (
      select coalesce(
        jsonb_agg(jsonb_build_array(d.provider, d.project, d.model, s.calls, s.tokens)), '[]'
      )
      from (
        select domain_id, count(*) as calls, sum(tokens) as tokens
        from coursewright_meta.quota_spent
        where worker_id <> me and (expires_at is null or expires_at > clock)
        group by domain_id
      ) as s
      join coursewright_meta.quota_domains d on d.id = s.domain_id
    )
  );
end
$$;
