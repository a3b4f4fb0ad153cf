-- Until when the mails that replicas have taken keep MAILS_PER_SECOND filled. One row, of use to services that send mails.
create table mail_pace (free_at timestamptz not null);
insert into mail_pace values ('-infinity');
