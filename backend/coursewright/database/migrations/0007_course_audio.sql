-- The sound of a course: what is spoken, where the recording is, and its transcript.
--
-- This file needs nothing but the table "courses", the function auth.uid() and the roles anon and
-- authenticated, so it can be pasted into the SQL editor of Supabase. Running it twice does no harm.
-- It is kept twice with the same text: as a numbered migration, and as create_course_audio_table.sql.

create table if not exists public.course_audio (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  audio_type text not null,
  script_text text not null,
  audio_url text,
  transcript text,
  voice_used text default 'Aria',
  duration_seconds integer,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

create index if not exists idx_course_audio_course on public.course_audio (course_id);
create index if not exists idx_course_audio_type on public.course_audio (course_id, audio_type);

alter table public.course_audio enable row level security;
alter table public.course_audio force row level security;

drop policy if exists "Users can view audio for their courses" on public.course_audio;
create policy "Users can view audio for their courses" on public.course_audio
  for select
  using (course_id in (select id from public.courses where user_id = auth.uid()));

revoke all on table public.course_audio from public, anon, authenticated;
grant select on table public.course_audio to authenticated;
