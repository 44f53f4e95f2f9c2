# Stops the server in folder $1 with signal $2 when nobody holds a user's lock; removes it when $3 is yes.
use strict;
use Fcntl qw(:flock);
use File::Path qw(remove_tree);
my ($base, $signal, $removes) = @ARGV;
$SIG{INT} = $SIG{HUP} = 'IGNORE';
open(my $watcher, '>>', "$base/watcher.lock") or exit 1;
open(my $start, '>>', "$base/start.lock") or exit 1;
open(my $users, '>>', "$base/users.lock") or exit 1;
flock($watcher, LOCK_EX | LOCK_NB) or exit 0;
while (1) {
    flock($users, LOCK_EX) or exit 1;
    flock($users, LOCK_UN);
    flock($start, LOCK_EX) or exit 1;
    last if flock($users, LOCK_EX | LOCK_NB);
    flock($start, LOCK_UN);
}
my $file = "$base/data/postmaster.pid";
if (open(my $lines, '<', $file)) {
    my ($pid, undef, undef, undef, $socket) = map { s/\s+$//r } <$lines>;
    # The number may be that of somebody else by now.
    my $works_in = readlink("/proc/$pid/cwd") // '';
    kill($signal, $pid) if $pid > 0 && ($works_in eq '' || $works_in eq "$base/data");
    for (my $tries = 0; -e $file && kill(0, $pid) && $tries < 1200; $tries++) {
        select(undef, undef, undef, 0.05);
    }
    # A short one beside the cluster goes as well.
    rmdir($socket) if ($socket // '') ne '' && index($socket, "$base/") != 0;
}
remove_tree($base) if $removes eq 'yes';
# This one first: who opens now, with the start lock, must find no watcher.
flock($watcher, LOCK_UN);
flock($start, LOCK_UN);
