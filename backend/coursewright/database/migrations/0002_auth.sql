-- Who is signed in. Where the schema "auth" exists (Supabase), nothing in it is touched. Elsewhere
-- it is made, so that the same policies work: auth.uid() reads what the program has set for the
-- transaction in request.jwt.claims.

do $$
begin
  if to_regnamespace('auth') is not null then
    if to_regclass('auth.users') is null or to_regprocedure('auth.uid()') is null then
      raise exception 'there is a schema "auth", but no auth.users or no auth.uid() in it'
        using hint = 'Coursewright works with the "auth" of Supabase, or makes its own where none'
          ' exists. Give it a database of its own.';
    end if;
    return;
  end if;

  create schema auth;
  comment on schema auth is 'Coursewright: users, compatible with Supabase';

  create table auth.users (
    id uuid primary key default gen_random_uuid(),
    email text unique,
    created_at timestamptz not null default now()
  );

  create function auth.jwt() returns jsonb language sql stable
  return coalesce(
    nullif(current_setting('request.jwt.claims', true), ''),
    nullif(current_setting('request.jwt.claim', true), '')
  )::jsonb;

  create function auth.uid() returns uuid language sql stable
  return coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid;

  create function auth.role() returns text language sql stable
  return coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  );

  grant usage on schema auth to anon, authenticated, service_role, coursewright_service;
end
$$;

-- Makes a local user. With Supabase's "auth" it only makes sure that the user is known there.
create or replace function coursewright_meta.ensure_user(user_id uuid, email text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if obj_description(to_regnamespace('auth')::oid, 'pg_namespace') like 'Coursewright:%' then
    insert into auth.users as users (id, email)
    values (ensure_user.user_id, ensure_user.email)
    on conflict (id) do update set email = coalesce(excluded.email, users.email);
  elsif not exists (select from auth.users where id = ensure_user.user_id) then
    raise exception 'there is no user % in auth.users', ensure_user.user_id
      using errcode = 'no_data_found', hint = 'Users are made by Supabase Auth: sign up there.';
  end if;
end
$$;

revoke all on function coursewright_meta.ensure_user(uuid, text) from public;
grant execute on function coursewright_meta.ensure_user(uuid, text) to coursewright_app;
