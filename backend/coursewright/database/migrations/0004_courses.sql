-- Courses, their chapters, and how far the making of them has come.

create table if not exists public.courses (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  title text not null,
  topic text not null,
  description text not null default '',
  level text not null,
  language text not null,
  brief jsonb not null,
  outline jsonb,
  author text not null,
  status text not null default 'generating'
    check (status in ('generating', 'completed', 'incomplete', 'failed', 'cancelled')),
  request_key text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz,
  unique (user_id, request_key)
);
comment on column public.courses.request_key is
  'Names the request that ordered the course, so that the same request twice makes one course';
create index if not exists idx_courses_user on public.courses (user_id, created_at desc);
call coursewright_meta.keep_updated_at('public.courses');
call coursewright_meta.lock_table('public.courses');
grant select, delete on table public.courses to authenticated;
grant select, insert, update, delete on table public.courses to coursewright_service;
call coursewright_meta.set_policy(
  'public.courses', 'Users can view their courses', 'select', 'authenticated',
  'user_id = (select auth.uid())'
);
call coursewright_meta.set_policy(
  'public.courses', 'Users can delete their courses', 'delete', 'authenticated',
  'user_id = (select auth.uid())'
);
call coursewright_meta.set_policy(
  'public.courses', 'The service writes in the name of the owner', 'all', 'coursewright_service',
  'user_id = (select auth.uid())'
);

create table if not exists public.course_chapters (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  chapter_number integer not null check (chapter_number >= 1),
  title text not null,
  summary text not null default '',
  objectives jsonb not null default '[]',
  content text not null,
  body jsonb not null,
  word_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (course_id, chapter_number),
  unique (course_id, id)
);
comment on column public.course_chapters.content is 'Markdown, for whoever only reads';
comment on column public.course_chapters.body is
  'The chapter as the program holds it: sections, blocks, citations';
call coursewright_meta.keep_updated_at('public.course_chapters');
call coursewright_meta.guard_course_table('public.course_chapters');

create table if not exists public.course_generation_jobs (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null unique references public.courses (id) on delete cascade,
  status text not null default 'generating'
    check (status in ('generating', 'completed', 'incomplete', 'failed', 'cancelled')),
  progress_percentage integer not null default 0 check (progress_percentage between 0 and 100),
  current_step text,
  error_message text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
call coursewright_meta.keep_updated_at('public.course_generation_jobs');
call coursewright_meta.guard_course_table('public.course_generation_jobs');
