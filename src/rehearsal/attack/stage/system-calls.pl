# Tries system calls that a worker has no use for, and prints "<name> got <result>" or
# "<name> refused <errno>" for each. Argument: the machine's architecture.
use POSIX ();
my %numbers = $ARGV[0] eq 'x86_64'
  ? (io_uring_setup => 425, userfaultfd => 323, keyctl => 250, add_key => 248, request_key => 249,
     bpf => 321, perf_event_open => 298, unshare => 272, clone => 56, clone3 => 435, socket => 41,
     memfd_secret => 447, mount => 165, setns => 308, process_vm_readv => 310, modify_ldt => 154)
  : (io_uring_setup => 425, userfaultfd => 282, keyctl => 219, add_key => 217, request_key => 218,
     bpf => 280, perf_event_open => 241, unshare => 97, clone => 220, clone3 => 435, socket => 198,
     memfd_secret => 447, mount => 40, setns => 268, process_vm_readv => 270);
my $zeros = "\0" x 256;

sub try {
  my ($label, $name, @arguments) = @_;
  return unless exists $numbers{$name};
  my $pid = fork;
  if ($pid == 0) {
    my $result = syscall($numbers{$name}, @arguments);
    my $errno = $! + 0;
    # A clone returns in its child too.
    POSIX::_exit(0) if $name eq 'clone' && $result == 0;
    syswrite STDOUT, $result == -1 ? "$label refused $errno\n" : "$label got $result\n";
    POSIX::_exit(0);
  }
  waitpid $pid, 0;
}

try('io_uring_setup', 'io_uring_setup', 8, $zeros);
try('userfaultfd', 'userfaultfd', 1);
try('keyctl', 'keyctl', 0, -3, 1);
try('add_key', 'add_key', "user\0", "name\0", "x", 1, -3);
try('request_key', 'request_key', "user\0", "name\0", 0, -3);
try('bpf', 'bpf', 0, $zeros, 64);
try('perf_event_open', 'perf_event_open', pack('LLQx104', 1, 112, 0), 0, -1, -1, 0);
try('memfd_secret', 'memfd_secret', 0);
try('modify_ldt', 'modify_ldt', 0, my $table = $zeros, 16);
try('mount', 'mount', "none\0", "/mnt\0", "tmpfs\0", 0, 0);
try('setns', 'setns', 0, 0x10000000);
try('process_vm_readv', 'process_vm_readv', $$, 0, 0, 0, 0, 0);
try("unshare $_->[0]", 'unshare', $_->[1])
  for ['user', 0x10000000], ['mount', 0x20000], ['net', 0x40000000], ['user and net', 0x50000000];
try('clone user', 'clone', 0x10000000 | 17, 0, 0, 0, 0);
# The kernel ignores the upper half of the register, and a filter must do the same.
try('clone user with upper bits', 'clone', (1 << 40) | 0x10000000 | 17, 0, 0, 0, 0);
try('clone3', 'clone3', pack('Q8', 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64);
try('socket vsock', 'socket', 40, 1, 0);
try('socket vsock with upper bits', 'socket', (1 << 32) | 40, 1, 0);
try('socket crypto', 'socket', 38, 5, 0);
try('socket packet', 'socket', 17, 3, 0);
try('socket netfilter', 'socket', 16, 3, 12);
