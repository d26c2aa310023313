-- What a course is made from. A document that serves two courses is stored for each of them.

-- The text search configuration for a BCP 47 tag; "simple" (no stemming) where Postgres has none.
create or replace function coursewright_meta.text_config(language text) returns regconfig
language sql
immutable
parallel safe
as $$
  select case split_part(lower(language), '-', 1)
    when 'ar' then 'pg_catalog.arabic'::regconfig
    when 'ca' then 'pg_catalog.catalan'::regconfig
    when 'da' then 'pg_catalog.danish'::regconfig
    when 'de' then 'pg_catalog.german'::regconfig
    when 'el' then 'pg_catalog.greek'::regconfig
    when 'en' then 'pg_catalog.english'::regconfig
    when 'es' then 'pg_catalog.spanish'::regconfig
    when 'eu' then 'pg_catalog.basque'::regconfig
    when 'fi' then 'pg_catalog.finnish'::regconfig
    when 'fr' then 'pg_catalog.french'::regconfig
    when 'ga' then 'pg_catalog.irish'::regconfig
    when 'hi' then 'pg_catalog.hindi'::regconfig
    when 'hu' then 'pg_catalog.hungarian'::regconfig
    when 'hy' then 'pg_catalog.armenian'::regconfig
    when 'id' then 'pg_catalog.indonesian'::regconfig
    when 'it' then 'pg_catalog.italian'::regconfig
    when 'lt' then 'pg_catalog.lithuanian'::regconfig
    when 'nb' then 'pg_catalog.norwegian'::regconfig
    when 'ne' then 'pg_catalog.nepali'::regconfig
    when 'nl' then 'pg_catalog.dutch'::regconfig
    when 'nn' then 'pg_catalog.norwegian'::regconfig
    when 'no' then 'pg_catalog.norwegian'::regconfig
    when 'pt' then 'pg_catalog.portuguese'::regconfig
    when 'ro' then 'pg_catalog.romanian'::regconfig
    when 'ru' then 'pg_catalog.russian'::regconfig
    when 'sr' then 'pg_catalog.serbian'::regconfig
    when 'sv' then 'pg_catalog.swedish'::regconfig
    when 'ta' then 'pg_catalog.tamil'::regconfig
    when 'tr' then 'pg_catalog.turkish'::regconfig
    when 'yi' then 'pg_catalog.yiddish'::regconfig
    else 'pg_catalog.simple'::regconfig
  end
$$;

create table if not exists public.course_sources (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  source_id uuid not null,
  position integer not null,
  kind text not null check (kind in ('file', 'url', 'library', 'encyclopedia')),
  title text not null,
  origin text not null,
  media_type text not null,
  language text,
  licence text,
  attribution text,
  pages integer,
  sha256 text not null default '',
  created_at timestamptz not null default now(),
  unique (course_id, source_id)
);
call coursewright_meta.guard_course_table('public.course_sources');

-- A tsvector may take up 1 MB, which the first 100,000 characters of a text never reach.
create table if not exists public.source_passages (
  id bigint generated always as identity primary key,
  course_id uuid not null references public.courses (id) on delete cascade,
  source_id uuid not null,
  passage_id uuid not null,
  ordinal integer not null,
  kind text not null,
  text text not null,
  place jsonb not null,
  level integer,
  language text not null,
  search tsvector generated always as (
    to_tsvector(coursewright_meta.text_config(language), left(text, 100000))
  ) stored,
  unique (course_id, passage_id),
  foreign key (course_id, source_id)
    references public.course_sources (course_id, source_id) on delete cascade
);
comment on column public.source_passages.language is
  'Of the source, or of the course where the source does not say; chooses how words are stemmed';
create index if not exists idx_source_passages_source
  on public.source_passages (course_id, source_id, ordinal);
create index if not exists idx_source_passages_search on public.source_passages using gin (search);
call coursewright_meta.guard_course_table('public.source_passages');
