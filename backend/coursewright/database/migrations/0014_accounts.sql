-- Local accounts: e-mail, password, sessions, and attempts to sign in. They are nobody's to read: no
-- role of the program has a privilege on the tables, not even on its own row. What may be asked is
-- asked through the functions below, which run with the rights of the tables' owner.

create table if not exists coursewright_meta.accounts (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  password_hash text not null,
  created_at timestamptz not null default now(),
  password_changed_at timestamptz not null default now(),
  signed_in_at timestamptz
);
comment on column coursewright_meta.accounts.password_hash is 'Argon2id, with its salt';

create table if not exists coursewright_meta.sessions (
  token_sha256 bytea primary key check (length(token_sha256) = 32),
  user_id uuid not null references coursewright_meta.accounts (user_id) on delete cascade,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  idle_ends timestamptz not null,
  ends timestamptz not null
);
comment on column coursewright_meta.sessions.token_sha256 is
  'Of 256 random bits. Who reads this table cannot sign in with what is in it';
create index if not exists idx_sessions_user on coursewright_meta.sessions (user_id);

create table if not exists coursewright_meta.sign_in_attempts (
  subject bytea primary key check (length(subject) = 32),
  failures integer not null default 0,
  last_at timestamptz not null
);
comment on column coursewright_meta.sign_in_attempts.subject is
  'SHA-256 of an e-mail address or of a network address: counted, not recorded';
create index if not exists idx_sign_in_attempts_last
  on coursewright_meta.sign_in_attempts (last_at);

do $$
declare
  guarded text;
begin
  foreach guarded in array array['accounts', 'sessions', 'sign_in_attempts'] loop
    guarded := 'coursewright_meta.' || guarded;
    call coursewright_meta.lock_table(guarded::regclass);
    execute format(
      'revoke all on table %s from coursewright_app, coursewright_service', guarded
    );
    -- The owner is held by policies as well, and the functions below run as the owner.
    call coursewright_meta.set_policy(
      guarded::regclass, 'Only the functions of this schema', 'all', current_user::text, 'true'
    );
  end loop;
end
$$;

-- As before, but a user that is known already costs no write: it is asked with each token.
create or replace function coursewright_meta.ensure_user(user_id uuid, email text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if obj_description(to_regnamespace('auth')::oid, 'pg_namespace') like 'Coursewright:%' then
    if exists (
      select from auth.users as users
      where users.id = ensure_user.user_id
        and (ensure_user.email is null or users.email = ensure_user.email)
    ) then
      return;
    end if;
    insert into auth.users as users (id, email)
    values (ensure_user.user_id, ensure_user.email)
    on conflict (id) do update set email = coalesce(excluded.email, users.email);
  elsif not exists (select from auth.users where id = ensure_user.user_id) then
    raise exception 'there is no user % in auth.users', ensure_user.user_id
      using errcode = 'no_data_found', hint = 'Users are made by Supabase Auth: sign up there.';
  end if;
end
$$;

-- Whether the users are ours to make and to delete, or those of Supabase.
create or replace function coursewright_meta.keeps_users() returns boolean
language sql stable
set search_path = ''
begin atomic
  select coalesce(
    obj_description(to_regnamespace('auth')::oid, 'pg_namespace') like 'Coursewright:%', false
  );
end;

-- Deletes a user with all that hangs on it. On Supabase the user itself is Supabase's to delete.
create or replace function coursewright_meta.delete_user(of_user uuid) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not coursewright_meta.keeps_users() then
    delete from coursewright_meta.accounts where user_id = of_user;
    return false;
  end if;
  delete from auth.users where id = of_user;
  return found;
end
$$;

create or replace function coursewright_meta.add_account(
  of_user uuid, with_email text, with_hash text, at timestamptz
) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform coursewright_meta.ensure_user(of_user);
  insert into coursewright_meta.accounts
    (user_id, email, password_hash, created_at, password_changed_at)
  values (of_user, with_email, with_hash, at, at);
end
$$;

create or replace function coursewright_meta.has_accounts() returns boolean
language sql stable
security definer
set search_path = ''
begin atomic
  select exists (select from coursewright_meta.accounts);
end;

-- Without the hashes.
create or replace function coursewright_meta.list_accounts()
returns table (
  user_id uuid, email text, created_at timestamptz, password_changed_at timestamptz,
  signed_in_at timestamptz
)
language sql stable
security definer
set search_path = ''
begin atomic
  select a.user_id, a.email, a.created_at, a.password_changed_at, a.signed_in_at
  from coursewright_meta.accounts a order by a.email;
end;

create or replace function coursewright_meta.account_by_email(with_email text)
returns table (user_id uuid, email text, password_hash text)
language sql stable
security definer
set search_path = ''
begin atomic
  select a.user_id, a.email, a.password_hash
  from coursewright_meta.accounts a where a.email = with_email;
end;

create or replace function coursewright_meta.account_by_user(of_user uuid)
returns table (user_id uuid, email text, password_hash text)
language sql stable
security definer
set search_path = ''
begin atomic
  select a.user_id, a.email, a.password_hash
  from coursewright_meta.accounts a where a.user_id = of_user;
end;

-- Sets a password and ends the sessions of whoever knew the old one, but for one. With `replacing`
-- only where that is still the hash: of two changes at once one is refused.
create or replace function coursewright_meta.set_password(
  of_user uuid, with_hash text, at timestamptz, keep bytea default null, replacing text default null
) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  update coursewright_meta.accounts
  set password_hash = with_hash, password_changed_at = at
  where user_id = of_user and (replacing is null or password_hash = replacing);
  if not found then
    return false;
  end if;
  delete from coursewright_meta.sessions
  where user_id = of_user and (keep is null or token_sha256 <> keep);
  return true;
end
$$;

-- The same password, hashed anew by today's measure: no session ends.
create or replace function coursewright_meta.renew_hash(
  of_user uuid, with_hash text, replacing text
) returns void
language sql
security definer
set search_path = ''
begin atomic
  update coursewright_meta.accounts set password_hash = with_hash
  where user_id = of_user and password_hash = replacing;
end;

-- Only while the hash is still the one that was verified: a password that was changed in between
-- opens no session.
create or replace function coursewright_meta.begin_session(
  of_user uuid, token bytea, at timestamptz, idle interval, longest interval, verified text
) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  update coursewright_meta.accounts set signed_in_at = at
  where user_id = of_user and password_hash = verified;
  if not found then
    return false;
  end if;
  delete from coursewright_meta.sessions where idle_ends <= at or ends <= at;
  insert into coursewright_meta.sessions (token_sha256, user_id, created_at, seen_at, idle_ends, ends)
  values (token, of_user, at, at, at + idle, at + longest);
  return true;
end
$$;

-- Whose session it is, while it lasts. That it was used is written down once a minute at most.
create or replace function coursewright_meta.session_of(
  token bytea, at timestamptz, idle interval
) returns table (user_id uuid, email text)
language plpgsql
security definer
set search_path = ''
as $$
begin
  update coursewright_meta.sessions s
  set seen_at = at, idle_ends = at + idle
  where s.token_sha256 = token and s.idle_ends > at and s.ends > at
    and s.seen_at < at - interval '1 minute';
  return query
    select a.user_id, a.email
    from coursewright_meta.sessions s
    join coursewright_meta.accounts a on a.user_id = s.user_id
    where s.token_sha256 = token and s.idle_ends > at and s.ends > at;
end
$$;

create or replace function coursewright_meta.end_session(token bytea) returns void
language sql
security definer
set search_path = ''
begin atomic
  delete from coursewright_meta.sessions where token_sha256 = token;
end;

create or replace function coursewright_meta.end_sessions(of_user uuid) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  ended integer;
begin
  delete from coursewright_meta.sessions where user_id = of_user;
  get diagnostics ended = row_count;
  return ended;
end
$$;

-- Locks what is counted of a subject until the transaction ends, so that of many attempts at once
-- each sees those before it.
create or replace function coursewright_meta.lock_attempts(of_subject bytea, at timestamptz)
returns table (failures integer, last_at timestamptz)
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into coursewright_meta.sign_in_attempts as attempts (subject, last_at)
  values (of_subject, at) on conflict (subject) do nothing;
  return query
    select attempts.failures, attempts.last_at from coursewright_meta.sign_in_attempts attempts
    where attempts.subject = of_subject for update;
end
$$;

create or replace function coursewright_meta.set_attempts(
  of_subject bytea, to_failures integer, at timestamptz
) returns void
language sql
security definer
set search_path = ''
begin atomic
  update coursewright_meta.sign_in_attempts set failures = to_failures, last_at = at
  where subject = of_subject;
end;

-- After a success: nothing is held against the account, and this attempt not against the network.
create or replace function coursewright_meta.forgive_attempts(account bytea, network bytea)
returns void
language sql
security definer
set search_path = ''
begin atomic
  delete from coursewright_meta.sign_in_attempts where subject = account;
  update coursewright_meta.sign_in_attempts set failures = greatest(0, failures - 1)
  where subject = network;
end;

create or replace function coursewright_meta.tidy_attempts(before timestamptz) returns void
language sql
security definer
set search_path = ''
begin atomic
  delete from coursewright_meta.sign_in_attempts where subject in (
    select subject from coursewright_meta.sign_in_attempts
    where last_at < before for update skip locked
  );
end;

do $$
declare
  asked regprocedure;
begin
  foreach asked in array array[
    'coursewright_meta.keeps_users()',
    'coursewright_meta.delete_user(uuid)',
    'coursewright_meta.add_account(uuid, text, text, timestamptz)',
    'coursewright_meta.has_accounts()',
    'coursewright_meta.list_accounts()',
    'coursewright_meta.account_by_email(text)',
    'coursewright_meta.account_by_user(uuid)',
    'coursewright_meta.set_password(uuid, text, timestamptz, bytea, text)',
    'coursewright_meta.renew_hash(uuid, text, text)',
    'coursewright_meta.begin_session(uuid, bytea, timestamptz, interval, interval, text)',
    'coursewright_meta.session_of(bytea, timestamptz, interval)',
    'coursewright_meta.end_session(bytea)',
    'coursewright_meta.end_sessions(uuid)',
    'coursewright_meta.lock_attempts(bytea, timestamptz)',
    'coursewright_meta.set_attempts(bytea, integer, timestamptz)',
    'coursewright_meta.forgive_attempts(bytea, bytea)',
    'coursewright_meta.tidy_attempts(timestamptz)'
  ]::regprocedure[] loop
    execute format(
      'revoke all on function %s from public, anon, authenticated, coursewright_service', asked
    );
    execute format('grant execute on function %s to coursewright_app', asked);
  end loop;
end
$$;
