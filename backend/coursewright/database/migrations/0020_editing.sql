-- Editing: courses that wait after their outline, items that a person wrote, and what was before.

alter table public.courses drop constraint if exists courses_status_check;
alter table public.courses add constraint courses_status_check check (
  status in ('generating', 'outlined', 'completed', 'incomplete', 'failed', 'cancelled')
);
alter table public.course_generation_jobs
  drop constraint if exists course_generation_jobs_status_check;
alter table public.course_generation_jobs add constraint course_generation_jobs_status_check check (
  status in ('generating', 'outlined', 'completed', 'incomplete', 'failed', 'cancelled')
);
alter table public.course_pieces drop constraint if exists course_pieces_state_check;
alter table public.course_pieces add constraint course_pieces_state_check check (
  state in ('waiting', 'ready', 'running', 'done', 'failed', 'cancelled', 'held')
);

-- What is there already is version 1. (An update would not reach it where policies hold the login
-- that migrates.)
alter table public.course_pieces
  add column if not exists version integer not null default 1,
  add column if not exists edited boolean not null default false;
alter table public.course_pieces alter column version set default 0;
comment on column public.course_pieces.version is
  'Grows with every change of what the piece holds; 0 before it is made';
comment on column public.course_pieces.edited is 'Whether a person has changed it since it was made';

alter table public.course_flashcards
  add column if not exists edited boolean not null default false,
  add column if not exists overruled jsonb not null default '[]';
alter table public.course_mcqs
  add column if not exists edited boolean not null default false,
  add column if not exists overruled jsonb not null default '[]';
alter table public.course_glossary_terms
  add column if not exists edited boolean not null default false,
  add column if not exists overruled jsonb not null default '[]';
comment on column public.course_flashcards.overruled is
  'The rules of the question gate that the author overruled, each with its reason';
comment on column public.course_mcqs.overruled is
  'The rules of the question gate that the author overruled, each with its reason';
comment on column public.course_glossary_terms.overruled is
  'The rules of the question gate that the author overruled, each with its reason';

create table if not exists public.course_revisions (
  id bigint generated always as identity primary key,
  course_id uuid not null references public.courses (id) on delete cascade,
  user_id uuid not null,
  piece_key text not null,
  cause text not null check (cause in ('edit', 'regenerate', 'undo')),
  version integer not null,
  edited boolean not null,
  content jsonb not null,
  created_at timestamptz not null default now()
);
comment on table public.course_revisions is
  'What pieces held before they were changed: by whom, when, why. The newest few hundred a course';
comment on column public.course_revisions.version is 'Of the piece while it held this content';
create index if not exists idx_course_revisions_course
  on public.course_revisions (course_id, id desc);
call coursewright_meta.guard_course_table('public.course_revisions');
