-- The roles. On Supabase the first three exist already.
--
--   anon, authenticated, service_role   as on Supabase
--   coursewright_service                the worker: writes the courses of one user, the signed-in one
--   coursewright_app                    what the program runs as: may become either of the two above
--
-- None of them owns anything or bypasses row-level security. Roles belong to the whole cluster, so
-- another database may be creating them at this very moment.

do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (
      values
        ('anon', 'nologin noinherit'),
        ('authenticated', 'nologin noinherit'),
        ('service_role', 'nologin noinherit'),
        ('coursewright_service', 'nologin inherit'),
        ('coursewright_app', 'nologin noinherit')
    ) as roles (name, options)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      begin
        execute format('create role %I %s', wanted.name, wanted.options);
      exception
        when duplicate_object or unique_violation then
          null; -- somebody else was quicker
      end;
    end if;
  end loop;
end
$$;

do $$
declare
  -- Before 16 every member may SET ROLE; since then that is a privilege of its own.
  may_become constant text := case
    when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER'
  end;
  membership record;
begin
  if exists (
    select from pg_catalog.pg_roles
    where rolname in ('anon', 'authenticated', 'coursewright_service', 'coursewright_app')
      and (rolsuper or rolbypassrls)
  ) then
    raise exception 'a role of the application bypasses row-level security'
      using hint = 'Take SUPERUSER and BYPASSRLS from anon, authenticated, coursewright_service'
        ' and coursewright_app.';
  end if;
  for membership in
    select *
    from (
      values
        -- On Supabase nobody but its own administrator can grant the use of the schema "auth": the
        -- service has it from "authenticated".
        ('authenticated', 'coursewright_service'),
        ('authenticated', 'coursewright_app'),
        ('coursewright_service', 'coursewright_app'),
        -- So that the program may use the login that migrates, and give up its rights.
        ('coursewright_app', current_user::text)
    ) as memberships (of, who)
  loop
    if not pg_has_role(membership.who::name, membership.of::name, may_become) then
      begin
        execute format('grant %I to %I', membership.of, membership.who);
      exception
        when unique_violation then
          null; -- somebody else was quicker
      end;
    end if;
  end loop;
end
$$;

create schema if not exists coursewright_meta;
comment on schema coursewright_meta is 'Coursewright: what the program needs beside its tables';
grant usage on schema coursewright_meta to authenticated, coursewright_service, coursewright_app;

do $$
begin
  if not has_schema_privilege('authenticated', 'public', 'usage') then
    grant usage on schema public to authenticated, coursewright_service;
  end if;
end
$$;
