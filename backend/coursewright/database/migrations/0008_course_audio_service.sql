-- The service writes course_audio; the table itself is made so that it stands alone.

call coursewright_meta.keep_updated_at('public.course_audio');
grant select, insert, update, delete on table public.course_audio to coursewright_service;
call coursewright_meta.set_policy(
  'public.course_audio', 'The service writes in the name of the owner', 'all',
  'coursewright_service',
  'course_id in (select id from public.courses where user_id = (select auth.uid()))'
);
