-- What accompanies the chapters.

create table if not exists public.course_articles (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  article_type text not null check (article_type in ('deep_dive', 'key_takeaways', 'faq')),
  title text not null,
  content text not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (course_id, article_type)
);
comment on column public.course_articles.content is 'Markdown, for whoever only reads';
comment on column public.course_articles.body is
  'The article as the program holds it: sections, blocks, citations';
call coursewright_meta.keep_updated_at('public.course_articles');
call coursewright_meta.guard_course_table('public.course_articles');

create table if not exists public.course_word_games (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  game_type text not null,
  data jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (course_id, game_type)
);
call coursewright_meta.keep_updated_at('public.course_word_games');
call coursewright_meta.guard_course_table('public.course_word_games');

create table if not exists public.course_suggestions (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  position integer not null,
  topic text not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  unique (course_id, position)
);
call coursewright_meta.guard_course_table('public.course_suggestions');

create table if not exists public.course_resources (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  position integer not null,
  title text not null,
  url text not null,
  kind text not null,
  description text not null default '',
  created_at timestamptz not null default now(),
  unique (course_id, position)
);
comment on table public.course_resources is 'What can be read on: credited sources with an address';
call coursewright_meta.guard_course_table('public.course_resources');

create table if not exists public.course_audio_scripts (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  audio_type text not null check (audio_type in ('short_podcast', 'full_lecture')),
  title text not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (course_id, audio_type)
);
comment on table public.course_audio_scripts is
  'The scripts with their paragraphs and citations; course_audio holds their text and the sound';
call coursewright_meta.keep_updated_at('public.course_audio_scripts');
call coursewright_meta.guard_course_table('public.course_audio_scripts');
