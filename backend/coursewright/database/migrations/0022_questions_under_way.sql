-- A chapter that is begun while its outline is still being written may be taken by another worker as
-- soon as the outline stands. So that it waits for the answer, instead of asking a second time, a
-- question that is being asked ahead has a row without an answer, for as long as its worker says so.
alter table public.model_answers
  alter column answer drop not null,
  add column if not exists asked_by uuid,
  add column if not exists asked_until timestamptz;
comment on column public.model_answers.asked_by is 'The process that asks it; null once it is answered';
comment on column public.model_answers.asked_until is 'After that the process counts as dead';
alter table public.model_answers drop constraint if exists model_answers_answered_or_asked;
alter table public.model_answers add constraint model_answers_answered_or_asked
  check (answer is not null or (asked_by is not null and asked_until is not null));
