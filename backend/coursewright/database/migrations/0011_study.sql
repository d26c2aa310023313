-- What a user does with a course.

create table if not exists public.chapter_completion (
  user_id uuid not null references auth.users (id) on delete cascade,
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_id uuid not null,
  completed_at timestamptz not null default now(),
  primary key (user_id, chapter_id),
  foreign key (course_id, chapter_id)
    references public.course_chapters (course_id, id) on delete cascade
);
create index if not exists idx_chapter_completion_chapter
  on public.chapter_completion (course_id, chapter_id);
call coursewright_meta.guard_user_table(
  'public.chapter_completion', array['select', 'insert', 'delete']
);

create table if not exists public.flashcard_reviews (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  course_id uuid not null references public.courses (id) on delete cascade,
  flashcard_id uuid not null,
  rating smallint not null check (rating between 1 and 4),
  state jsonb not null,
  due timestamptz not null,
  reviewed_at timestamptz not null default now(),
  elapsed_ms integer check (elapsed_ms >= 0),
  foreign key (course_id, flashcard_id)
    references public.course_flashcards (course_id, id) on delete cascade
);
comment on column public.flashcard_reviews.state is 'The memory state after the review (FSRS)';
comment on column public.flashcard_reviews.elapsed_ms is 'From showing the card to rating it';
create index if not exists idx_flashcard_reviews_user on public.flashcard_reviews (user_id, due);
create index if not exists idx_flashcard_reviews_flashcard
  on public.flashcard_reviews (course_id, flashcard_id, reviewed_at);
call coursewright_meta.guard_user_table(
  'public.flashcard_reviews', array['select', 'insert', 'delete']
);

create table if not exists public.quiz_attempts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_id uuid,
  answers jsonb not null default '[]',
  score integer not null default 0 check (score >= 0),
  total integer not null default 0 check (total >= score),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  foreign key (course_id, chapter_id)
    references public.course_chapters (course_id, id) on delete cascade
);
comment on column public.quiz_attempts.chapter_id is 'Null for a quiz over the whole course';
create index if not exists idx_quiz_attempts_user on public.quiz_attempts (user_id, started_at);
create index if not exists idx_quiz_attempts_chapter
  on public.quiz_attempts (course_id, chapter_id);
call coursewright_meta.guard_user_table(
  'public.quiz_attempts', array['select', 'insert', 'update', 'delete']
);
