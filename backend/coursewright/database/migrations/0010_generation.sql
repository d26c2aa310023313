-- How a course is made: its pieces, what happened to them, and what the models were asked.

create table if not exists public.course_pieces (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references public.courses (id) on delete cascade,
  key text not null,
  kind text not null,
  number integer,
  variant text,
  position integer not null,
  needs text[] not null default '{}',
  state text not null default 'waiting'
    check (state in ('waiting', 'ready', 'running', 'done', 'failed', 'cancelled')),
  attempts integer not null default 0,
  reason text,
  hint text,
  author text,
  model text,
  prompt_version text,
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  cost_usd numeric(12, 6) not null default 0,
  wanted integer,
  items integer,
  rejected jsonb not null default '[]',
  instruction text,
  generation integer not null default 1,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  unique (course_id, key)
);
comment on table public.course_pieces is
  'One row for each thing to be made. This is the truth; the queue only delivers';
call coursewright_meta.keep_updated_at('public.course_pieces');
call coursewright_meta.guard_course_table('public.course_pieces');

create table if not exists public.course_events (
  id bigint generated always as identity primary key,
  course_id uuid not null references public.courses (id) on delete cascade,
  piece_key text,
  event text not null,
  data jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index if not exists idx_course_events_course on public.course_events (course_id, id);
call coursewright_meta.guard_course_table('public.course_events');

create table if not exists public.model_calls (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  course_id uuid references public.courses (id) on delete set null,
  piece_key text,
  service text not null,
  provider text not null,
  model text not null,
  key_fingerprint text,
  project text,
  prompt_version text,
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  tokens_cached integer not null default 0,
  cost_usd numeric(12, 6) not null default 0,
  latency_ms integer,
  outcome text not null,
  status_code integer,
  error text,
  request_hash text,
  response jsonb,
  created_at timestamptz not null default now()
);
comment on table public.model_calls is 'The ledger. It outlives the courses: what was spent was spent';
comment on column public.model_calls.key_fingerprint is 'Tells keys apart; never a piece of one';
create index if not exists idx_model_calls_user on public.model_calls (user_id, created_at desc);
create index if not exists idx_model_calls_course
  on public.model_calls (course_id, piece_key, request_hash);
call coursewright_meta.lock_table('public.model_calls');
grant select on table public.model_calls to authenticated;
grant select, insert, update, delete on table public.model_calls to coursewright_service;
call coursewright_meta.set_policy(
  'public.model_calls', 'Users can view their own', 'select', 'authenticated',
  'user_id = (select auth.uid())'
);
call coursewright_meta.set_policy(
  'public.model_calls', 'The service writes in the name of the user', 'all',
  'coursewright_service',
  'user_id = (select auth.uid()) and (course_id is null or course_id in'
  ' (select id from public.courses where user_id = (select auth.uid())))'
);
