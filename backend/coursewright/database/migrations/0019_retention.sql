-- When what is old was swept last, over all workers.

create table if not exists coursewright_meta.sweeps (
  only_one boolean primary key default true check (only_one),
  swept_at timestamptz not null default '-infinity'
);
insert into coursewright_meta.sweeps (only_one) values (true) on conflict do nothing;
call coursewright_meta.lock_table('coursewright_meta.sweeps');
grant select, update on table coursewright_meta.sweeps to coursewright_keeper;
grant select on table coursewright_meta.sweeps to coursewright_app; -- sees no row
call coursewright_meta.set_policy(
  'coursewright_meta.sweeps', 'The keeper notes when it has swept', 'all', 'coursewright_keeper',
  'true'
);
