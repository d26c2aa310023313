-- Many users at once: what each has ordered today, whose turn it is, and the role that keeps house.

create table if not exists coursewright_meta.user_usage (
  user_id uuid not null references auth.users (id) on delete cascade,
  day date not null,
  courses integer not null default 0 check (courses >= 0),
  upload_bytes bigint not null default 0 check (upload_bytes >= 0),
  primary key (user_id, day)
);
comment on table coursewright_meta.user_usage is
  'What a user has ordered on a day (UTC). Deleting a course does not give it back';

create table if not exists coursewright_meta.queue_turns (
  user_id uuid primary key references auth.users (id) on delete cascade,
  turn bigint not null
);
comment on table coursewright_meta.queue_turns is
  'The turn of the job that a user has queued last (docs/decisions/0013)';
create index if not exists idx_queue_turns_turn on coursewright_meta.queue_turns (turn);

create index if not exists idx_courses_generating
  on public.courses (user_id) where status = 'generating';

do $$
declare
  guarded text;
begin
  foreach guarded in array array['user_usage', 'queue_turns'] loop
    guarded := 'coursewright_meta.' || guarded;
    call coursewright_meta.lock_table(guarded::regclass);
    execute format('grant select, insert, update on table %s to coursewright_service', guarded);
    execute format('grant select on table %s to coursewright_app', guarded); -- sees no row
    call coursewright_meta.set_policy(
      guarded::regclass, 'The service counts for the user', 'all', 'coursewright_service',
      'user_id = (select auth.uid())'
    );
  end loop;
end
$$;
-- The turn that is being served is everybody's: who joins begins there.
call coursewright_meta.set_policy(
  'coursewright_meta.queue_turns', 'The service sees whose turn it is', 'select',
  'coursewright_service', 'true'
);

-- The keeper counts and sweeps over all users. It reads no word of any course: only the columns
-- that say how old and in which state a row is.
do $$
declare
  may_become constant text := case
    when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER'
  end;
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'coursewright_keeper') then
    begin
      create role coursewright_keeper nologin noinherit;
    exception
      when duplicate_object or unique_violation then
        null; -- somebody else was quicker
    end;
  end if;
  if exists (
    select from pg_catalog.pg_roles
    where rolname = 'coursewright_keeper' and (rolsuper or rolbypassrls)
  ) then
    raise exception 'coursewright_keeper bypasses row-level security'
      using hint = 'Take SUPERUSER and BYPASSRLS from it.';
  end if;
  if not pg_has_role('coursewright_app', 'coursewright_keeper', may_become) then
    begin
      grant coursewright_keeper to coursewright_app;
    exception
      when unique_violation then
        null; -- somebody else was quicker
    end;
  end if;
end
$$;

grant usage on schema coursewright_meta to coursewright_keeper;
do $$
begin
  if not has_schema_privilege('coursewright_keeper', 'public', 'usage') then
    grant usage on schema public to coursewright_keeper;
  end if;
end
$$;
grant select (id, status, updated_at), delete on table public.courses to coursewright_keeper;
grant select (id, course_id, created_at), delete on table public.course_events
  to coursewright_keeper;
grant select (id, created_at, course_id), delete on table public.model_calls
  to coursewright_keeper;
grant select (user_id, day), delete on table coursewright_meta.user_usage to coursewright_keeper;
grant select, delete on table coursewright_meta.queue_turns to coursewright_keeper;

do $$
declare
  kept text;
begin
  foreach kept in array array[
    'public.courses', 'public.course_events', 'public.model_calls',
    'coursewright_meta.user_usage', 'coursewright_meta.queue_turns'
  ]
  loop
    call coursewright_meta.set_policy(
      kept::regclass, 'The keeper counts', 'select', 'coursewright_keeper', 'true'
    );
    call coursewright_meta.set_policy(
      kept::regclass, 'The keeper sweeps', 'delete', 'coursewright_keeper', 'true'
    );
  end loop;
end
$$;

-- What is swept is found by its age.
create index if not exists idx_course_events_created on public.course_events (created_at);
create index if not exists idx_model_calls_created on public.model_calls (created_at);
