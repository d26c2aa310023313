-- What every table of the application gets. Later migrations call these procedures.

-- Keeps updated_at right.
create or replace function coursewright_meta.touch() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create or replace procedure coursewright_meta.keep_updated_at(of regclass)
language plpgsql
as $$
begin
  execute format(
    'create or replace trigger touch before update on %s'
    ' for each row execute function coursewright_meta.touch()', of
  );
end
$$;

-- Locks a table: row-level security for everybody, the owner included, and no privilege for anybody.
-- (On Supabase new tables of "public" are open to anon and authenticated by default.)
create or replace procedure coursewright_meta.lock_table(of regclass)
language plpgsql
as $$
begin
  execute format('alter table %s enable row level security', of);
  execute format('alter table %s force row level security', of);
  execute format('revoke all on table %s from public, anon, authenticated', of);
end
$$;

create or replace procedure coursewright_meta.set_policy(
  of regclass, name text, command text, role text, condition text
)
language plpgsql
as $$
begin
  execute format('drop policy if exists %I on %s', name, of);
  execute format(
    'create policy %I on %s for %s to %I %s', name, of, command, role,
    case command
      when 'insert' then format('with check (%s)', condition)
      when 'select' then format('using (%s)', condition)
      when 'delete' then format('using (%s)', condition)
      else format('using (%s) with check (%s)', condition, condition)
    end
  );
end
$$;

-- For a table whose rows hang on a course by "course_id": its owner may read them, the service may
-- write them in the name of that owner.
create or replace procedure coursewright_meta.guard_course_table(of regclass)
language plpgsql
as $$
declare
  own constant text :=
    'course_id in (select id from public.courses where user_id = (select auth.uid()))';
begin
  call coursewright_meta.lock_table(of);
  execute format('grant select on table %s to authenticated', of);
  execute format('grant select, insert, update, delete on table %s to coursewright_service', of);
  call coursewright_meta.set_policy(
    of, 'Users can view what belongs to their courses', 'select', 'authenticated', own
  );
  call coursewright_meta.set_policy(
    of, 'The service writes in the name of the owner', 'all', 'coursewright_service', own
  );
end
$$;

-- For a table of what a user does with a course: rows carry "user_id" and "course_id", and are
-- written by that user. `commands` lists what the user may do.
create or replace procedure coursewright_meta.guard_user_table(of regclass, commands text[])
language plpgsql
as $$
declare
  own constant text :=
    'user_id = (select auth.uid())'
    ' and course_id in (select id from public.courses where user_id = (select auth.uid()))';
  command text;
begin
  call coursewright_meta.lock_table(of);
  foreach command in array commands loop
    execute format('grant %s on table %s to authenticated', command, of);
    call coursewright_meta.set_policy(
      of, format('Users can %s their own', command), command, 'authenticated', own
    );
  end loop;
  execute format('grant select, insert, update, delete on table %s to coursewright_service', of);
  call coursewright_meta.set_policy(
    of, 'The service writes in the name of the user', 'all', 'coursewright_service', own
  );
end
$$;

revoke all on procedure
  coursewright_meta.keep_updated_at(regclass),
  coursewright_meta.lock_table(regclass),
  coursewright_meta.set_policy(regclass, text, text, text, text),
  coursewright_meta.guard_course_table(regclass),
  coursewright_meta.guard_user_table(regclass, text[])
from public;
