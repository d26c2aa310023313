-- Sharing: links that let whoever has one read one course.
--
-- Who reads by a link is the role coursewright_reader, with the token's digest as the claim "share".
-- Its policies ask shared_course() which course that opens, so that a link which has ended while
-- somebody reads opens nothing more.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'coursewright_reader') then
    begin
      create role coursewright_reader nologin noinherit;
    exception
      when duplicate_object or unique_violation then
        null; -- somebody else was quicker
    end;
  end if;
  if exists (
    select from pg_catalog.pg_roles
    where rolname = 'coursewright_reader' and (rolsuper or rolbypassrls)
  ) then
    raise exception 'the role coursewright_reader bypasses row-level security'
      using hint = 'Take SUPERUSER and BYPASSRLS from it.';
  end if;
  if not pg_has_role(
    'coursewright_app', 'coursewright_reader',
    case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end
  ) then
    begin
      grant coursewright_reader to coursewright_app;
    exception
      when unique_violation then
        null; -- somebody else was quicker
    end;
  end if;
end
$$;
grant usage on schema public, coursewright_meta to coursewright_reader;

create table if not exists public.course_shares (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  token_sha256 bytea not null unique check (length(token_sha256) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz
);
comment on table public.course_shares is 'Links to read a course by; the token itself is kept nowhere';
create index if not exists idx_course_shares_course on public.course_shares (course_id, created_at);
call coursewright_meta.guard_course_table('public.course_shares');
-- Policies hold the table's owner too, as whom the functions below run. Its name differs from one
-- database to another.
call coursewright_meta.set_policy(
  'public.course_shares', 'The lookup of links, as the owner of the table', 'all', 'public',
  'current_user = (select pg_catalog.pg_get_userbyid(relowner) from pg_catalog.pg_class'
  ' where oid = ''public.course_shares''::regclass)'
);

-- Notes that a link is used, and tells whether it opens anything.
create or replace function coursewright_meta.open_share(token_sha256 bytea) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Once a minute is enough: a page that many read at once does not wait for one row.
  update public.course_shares s
  set last_used_at = now()
  where s.token_sha256 = open_share.token_sha256
    and s.revoked_at is null and s.expires_at > now()
    and (s.last_used_at is null or s.last_used_at < now() - interval '1 minute');
  return found or exists (
    select from public.course_shares s
    where s.token_sha256 = open_share.token_sha256
      and s.revoked_at is null and s.expires_at > now()
  );
end
$$;

-- The course that the claim "share" opens at this moment; null for none.
create or replace function coursewright_meta.shared_course() returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select s.course_id
  from public.course_shares s
  where s.token_sha256 = decode(
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'share', 'hex'
  )
    and s.revoked_at is null and s.expires_at > clock_timestamp()
$$;

revoke all on function coursewright_meta.open_share(bytea), coursewright_meta.shared_course()
  from public;
grant execute on function coursewright_meta.open_share(bytea) to coursewright_app;
grant execute on function coursewright_meta.shared_course() to coursewright_reader;

-- What a reader sees: what is to be learnt, and who is to be credited. No owner, no order, no costs,
-- no text of a source.
grant select (id, title, description, language, level, author, outline)
  on table public.courses to coursewright_reader;
grant select (course_id, source_id, position, kind, title, origin, licence, attribution)
  on table public.course_sources to coursewright_reader;
grant select on table
  public.course_chapters, public.course_flashcards, public.course_mcqs,
  public.course_glossary_terms, public.course_articles, public.course_word_games,
  public.course_suggestions, public.course_audio_scripts
to coursewright_reader;
call coursewright_meta.set_policy(
  'public.courses', 'Readers view the course that their link opens', 'select',
  'coursewright_reader', 'id = (select coursewright_meta.shared_course())'
);
do $$
declare
  shown text;
begin
  foreach shown in array array[
    'course_sources', 'course_chapters', 'course_flashcards', 'course_mcqs',
    'course_glossary_terms', 'course_articles', 'course_word_games', 'course_suggestions',
    'course_audio_scripts'
  ]
  loop
    call coursewright_meta.set_policy(
      format('public.%I', shown)::regclass, 'Readers view the course that their link opens',
      'select', 'coursewright_reader', 'course_id = (select coursewright_meta.shared_course())'
    );
  end loop;
end
$$;
