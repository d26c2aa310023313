-- What one studies with: flashcards, multiple-choice questions, glossary terms. Each belongs to a
-- chapter of the same course.

create table if not exists public.course_flashcards (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_id uuid not null,
  position integer not null,
  front text not null,
  back text not null,
  quotation text not null default '',
  citations jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (course_id, id),
  foreign key (course_id, chapter_id)
    references public.course_chapters (course_id, id) on delete cascade
);
create index if not exists idx_course_flashcards_chapter
  on public.course_flashcards (course_id, chapter_id, position);
call coursewright_meta.keep_updated_at('public.course_flashcards');
call coursewright_meta.guard_course_table('public.course_flashcards');

create table if not exists public.course_mcqs (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_id uuid not null,
  position integer not null,
  question text not null,
  options jsonb not null check (jsonb_typeof(options) = 'array'),
  correct_answer text not null,
  correct_index integer not null check (correct_index >= 0),
  explanation text not null default '',
  objective text,
  quotation text not null default '',
  citations jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (course_id, chapter_id)
    references public.course_chapters (course_id, id) on delete cascade,
  constraint correct_answer_is_the_option
    check (options ->> correct_index is not distinct from correct_answer)
);
create index if not exists idx_course_mcqs_chapter
  on public.course_mcqs (course_id, chapter_id, position);
call coursewright_meta.keep_updated_at('public.course_mcqs');
call coursewright_meta.guard_course_table('public.course_mcqs');

create table if not exists public.course_glossary_terms (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_id uuid not null,
  position integer not null,
  term text not null,
  definition text not null,
  quotation text not null default '',
  citations jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (course_id, chapter_id)
    references public.course_chapters (course_id, id) on delete cascade
);
create index if not exists idx_course_glossary_terms_chapter
  on public.course_glossary_terms (course_id, chapter_id, position);
call coursewright_meta.keep_updated_at('public.course_glossary_terms');
call coursewright_meta.guard_course_table('public.course_glossary_terms');
