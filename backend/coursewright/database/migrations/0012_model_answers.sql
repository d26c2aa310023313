-- Answers of models, as they were written, until the piece that they are for is settled. A process
-- that is killed between an answer and its publication finds it here: no call is paid for twice.
create table if not exists public.model_answers (
  course_id uuid not null references public.courses (id) on delete cascade,
  piece_key text not null,
  request_hash text not null,
  answer jsonb not null,
  created_at timestamptz not null default now(),
  primary key (course_id, piece_key, request_hash)
);
call coursewright_meta.guard_course_table('public.model_answers');

-- The ledger counts; the words themselves are in the table above.
alter table public.model_calls drop column if exists response;
