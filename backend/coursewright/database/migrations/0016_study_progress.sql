-- Quiz attempts that outlive their questions, results of word games, and where one was reading.

alter table public.quiz_attempts
  add column if not exists chapter_number integer check (chapter_number >= 1),
  add column if not exists items jsonb not null default '[]',
  add column if not exists milliseconds integer check (milliseconds >= 0);
comment on column public.quiz_attempts.chapter_id is
  'Null for a quiz over the whole course, and where the chapter is no more';
comment on column public.quiz_attempts.chapter_number is 'Null for a quiz over the whole course';
comment on column public.quiz_attempts.items is
  'The questions as they were when the attempt began: what is made anew does not change it';
comment on column public.quiz_attempts.answers is 'What was chosen for each question, try by try';
alter table public.quiz_attempts
  drop constraint if exists quiz_attempts_course_id_chapter_id_fkey;
alter table public.quiz_attempts drop constraint if exists quiz_attempts_chapter;
alter table public.quiz_attempts add constraint quiz_attempts_chapter
  foreign key (course_id, chapter_id)
  references public.course_chapters (course_id, id) on delete set null (chapter_id);

create table if not exists public.word_game_results (
  user_id uuid not null references auth.users (id) on delete cascade,
  id uuid not null,
  course_id uuid not null references public.courses (id) on delete cascade,
  game_type text not null,
  score integer not null check (score >= 0),
  total integer not null check (total >= 1 and total >= score),
  milliseconds integer not null check (milliseconds >= 0),
  finished_at timestamptz not null default now(),
  primary key (user_id, id)
);
comment on column public.word_game_results.id is 'Made by the client: the same result twice is one';
create index if not exists idx_word_game_results_course
  on public.word_game_results (course_id, game_type);
call coursewright_meta.guard_user_table(
  'public.word_game_results', array['select', 'insert', 'delete']
);

create table if not exists public.reading_positions (
  user_id uuid not null references auth.users (id) on delete cascade,
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_id uuid not null,
  position double precision not null check (position between 0 and 1),
  read_at timestamptz not null,
  primary key (user_id, course_id),
  foreign key (course_id, chapter_id)
    references public.course_chapters (course_id, id) on delete cascade
);
comment on column public.reading_positions.position is 'How far down the chapter: 0 top, 1 end';
create index if not exists idx_reading_positions_chapter
  on public.reading_positions (course_id, chapter_id);
call coursewright_meta.guard_user_table(
  'public.reading_positions', array['select', 'insert', 'update', 'delete']
);

create table if not exists public.reading_sittings (
  user_id uuid not null references auth.users (id) on delete cascade,
  id uuid not null,
  course_id uuid not null references public.courses (id) on delete cascade,
  milliseconds integer not null check (milliseconds >= 0),
  started_at timestamptz not null default now(),
  primary key (user_id, id)
);
comment on table public.reading_sittings is
  'How long was read; the client names a sitting and sends its length so far, as often as it likes';
create index if not exists idx_reading_sittings_course on public.reading_sittings (course_id);
call coursewright_meta.guard_user_table(
  'public.reading_sittings', array['select', 'insert', 'update', 'delete']
);
