-- Files of courses: originals of uploads, recordings. Their bytes lie in a store beside the database.

create table if not exists public.course_files (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  purpose text not null check (purpose in ('original', 'audio')),
  name text not null,
  media_type text not null,
  size bigint not null check (size >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  stored_as text not null unique,
  created_at timestamptz not null default now(),
  unique (course_id, purpose, name, sha256)
);
comment on column public.course_files.name is 'For people; it is never a path';
comment on column public.course_files.media_type is 'What we found it to be, never what was said';
comment on column public.course_files.stored_as is 'Its name in the store, of our own making';
call coursewright_meta.guard_course_table('public.course_files');

-- What is to be deleted from the store. A file is announced here before its bytes are written, and
-- taken off when its row is there: so whatever a crash leaves, in either order, is swept.
create table if not exists coursewright_meta.file_deletions (
  stored_as text primary key,
  due timestamptz not null
);
create index if not exists idx_file_deletions_due on coursewright_meta.file_deletions (due);

create table if not exists coursewright_meta.file_keys (
  number integer primary key generated always as identity,
  secret bytea not null check (octet_length(secret) = 32),
  created_at timestamptz not null default now()
);
comment on table coursewright_meta.file_keys is
  'What links to files are signed with; the newest signs, the older ones are still believed';

do $$
declare
  guarded text;
begin
  foreach guarded in array array['file_deletions', 'file_keys']
  loop
    guarded := 'coursewright_meta.' || guarded;
    call coursewright_meta.lock_table(guarded::regclass);
    execute format('grant select, insert, update, delete on table %s to coursewright_app', guarded);
    call coursewright_meta.set_policy(
      guarded::regclass, 'The program alone', 'all', 'coursewright_app', 'true'
    );
  end loop;
end
$$;
-- Who adds a file takes it off the list, in the same transaction.
grant select, delete on table coursewright_meta.file_deletions to coursewright_service;
call coursewright_meta.set_policy(
  'coursewright_meta.file_deletions', 'The service settles', 'all', 'coursewright_service', 'true'
);
-- The trigger below runs as the owner of the tables, whom the lock holds as well.
call coursewright_meta.set_policy(
  'coursewright_meta.file_deletions', 'Deleted rows leave their names', 'insert', 'public', 'true'
);

create or replace function coursewright_meta.leave_file_name() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into coursewright_meta.file_deletions (stored_as, due) values (old.stored_as, now());
  return null;
end
$$;
revoke all on function coursewright_meta.leave_file_name() from public;
create or replace trigger leave_file_name after delete on public.course_files
  for each row execute function coursewright_meta.leave_file_name();
