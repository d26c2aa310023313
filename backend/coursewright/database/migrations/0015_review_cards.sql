-- Reviews (FSRS): what is remembered of each card, the log it follows from, how a person wants to
-- study, and on which days they did.

-- For a table of a user's own that hangs on no course: rows carry "user_id". `commands` lists what
-- the user may do.
create or replace procedure coursewright_meta.guard_private_table(of regclass, commands text[])
language plpgsql
as $$
declare
  own constant text := 'user_id = (select auth.uid())';
  command text;
begin
  call coursewright_meta.lock_table(of);
  foreach command in array commands loop
    execute format('grant %s on table %s to authenticated', command, of);
    call coursewright_meta.set_policy(
      of, format('Users can %s their own', command), command, 'authenticated', own
    );
  end loop;
  execute format('grant select, insert, update, delete on table %s to coursewright_service', of);
  call coursewright_meta.set_policy(
    of, 'The service writes in the name of the user', 'all', 'coursewright_service', own
  );
end
$$;
revoke all on procedure coursewright_meta.guard_private_table(regclass, text[]) from public;

create table if not exists public.review_cards (
  user_id uuid not null references auth.users (id) on delete cascade,
  item_id uuid not null,
  course_id uuid not null references public.courses (id) on delete cascade,
  kind text not null check (kind in ('flashcard', 'mcq')),
  identity text not null,
  state smallint not null default 0 check (state between 0 and 3),
  step smallint,
  stability double precision,
  difficulty double precision,
  due timestamptz,
  last_review timestamptz,
  first_review timestamptz,
  reviews integer not null default 0 check (reviews >= 0),
  lapses integer not null default 0 check (lapses >= 0),
  missed_at timestamptz,
  suspended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, item_id),
  constraint new_cards_are_not_due check ((state = 0) = (due is null))
);
comment on table public.review_cards is
  'The present state of each card; it follows from review_log. No row: never seen';
comment on column public.review_cards.item_id is
  'The flashcard or the question. No foreign key: the state outlives the item, which may come back';
comment on column public.review_cards.identity is
  'What the front says, for comparing: a card that is made anew gets its id back by it';
comment on column public.review_cards.state is '0 new, 1 learning, 2 review, 3 relearning (FSRS)';
comment on column public.review_cards.missed_at is 'When a quiz made a card of the question';
create index if not exists idx_review_cards_due on public.review_cards (user_id, due);
create index if not exists idx_review_cards_course
  on public.review_cards (course_id, kind, identity);
call coursewright_meta.keep_updated_at('public.review_cards');
call coursewright_meta.guard_user_table(
  'public.review_cards', array['select', 'insert', 'update', 'delete']
);

create table if not exists public.review_log (
  user_id uuid not null references auth.users (id) on delete cascade,
  id uuid not null,
  item_id uuid not null,
  course_id uuid not null references public.courses (id) on delete cascade,
  rating smallint not null check (rating between 1 and 4),
  reviewed_at timestamptz not null,
  elapsed_ms integer check (elapsed_ms >= 0),
  origin text not null default 'review' check (origin in ('review', 'quiz')),
  state_before smallint not null default 0 check (state_before between 0 and 3),
  day date not null,
  undone_at timestamptz,
  received_at timestamptz not null default now(),
  primary key (user_id, id),
  foreign key (user_id, item_id)
    references public.review_cards (user_id, item_id) on delete cascade
);
comment on table public.review_log is
  'Every review as it came, also those that were taken back; what an optimiser learns from';
comment on column public.review_log.id is 'Made by the client: the same review twice is one';
comment on column public.review_log.elapsed_ms is 'From showing the card to rating it';
comment on column public.review_log.day is 'The day of the person, in their time zone then';
create index if not exists idx_review_log_card
  on public.review_log (user_id, item_id, reviewed_at);
create index if not exists idx_review_log_time on public.review_log (user_id, reviewed_at);
create index if not exists idx_review_log_course on public.review_log (course_id);
call coursewright_meta.guard_user_table(
  'public.review_log', array['select', 'insert', 'update', 'delete']
);

-- It mixed the log with the state and knew flashcards only. No version has written to it.
drop table if exists public.flashcard_reviews;

create table if not exists public.study_settings (
  user_id uuid primary key references auth.users (id) on delete cascade,
  time_zone text not null default 'UTC',
  day_starts_at smallint not null default 4 check (day_starts_at between 0 and 12),
  new_per_day integer not null default 20 check (new_per_day >= 0),
  reviews_per_day integer not null default 200 check (reviews_per_day >= 0),
  desired_retention double precision not null default 0.9
    check (desired_retention between 0.7 and 0.99),
  updated_at timestamptz not null default now()
);
call coursewright_meta.keep_updated_at('public.study_settings');
call coursewright_meta.guard_private_table(
  'public.study_settings', array['select', 'insert', 'update', 'delete']
);

create table if not exists public.study_days (
  user_id uuid not null references auth.users (id) on delete cascade,
  day date not null,
  reviews integer not null default 0 check (reviews >= 0),
  chapters integer not null default 0 check (chapters >= 0),
  quizzes integer not null default 0 check (quizzes >= 0),
  games integer not null default 0 check (games >= 0),
  milliseconds bigint not null default 0 check (milliseconds >= 0),
  primary key (user_id, day)
);
comment on table public.study_days is
  'What was done on each day; it stays when a course is deleted';
call coursewright_meta.guard_private_table(
  'public.study_days', array['select', 'insert', 'update', 'delete']
);
