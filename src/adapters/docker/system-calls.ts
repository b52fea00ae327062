/**
 * The system calls that work needs: files, memory, processes, signals, time, sockets and pipes. The
 * names are those of the kernel's tables for x86_64 and arm64 (`asm/unistd_64.h` and
 * `asm-generic/unistd.h`). An architecture that lacks one ignores its name.
 */
export const allowedCalls: readonly string[] = words(`
  read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range
  open openat openat2 creat access faccessat faccessat2 stat fstat lstat newfstatat statx statfs
  fstatfs readlink readlinkat getcwd chdir fchdir getdents getdents64 mkdir mkdirat rmdir unlink
  unlinkat rename renameat renameat2 link linkat symlink symlinkat mknod mknodat chmod fchmod
  fchmodat fchmodat2 chown fchown lchown fchownat umask utime utimes futimesat utimensat truncate
  ftruncate fallocate fadvise64 readahead sync syncfs fsync fdatasync sync_file_range sendfile
  copy_file_range splice tee vmsplice fcntl flock ioctl dup dup2 dup3 pipe pipe2 cachestat
  setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
  removexattr lremovexattr fremovexattr setxattrat getxattrat listxattrat removexattrat
  inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
  io_setup io_destroy io_getevents io_submit io_cancel io_pgetevents

  mmap mprotect munmap mremap msync mincore madvise brk mlock mlock2 munlock mlockall munlockall
  memfd_create remap_file_pages pkey_mprotect pkey_alloc pkey_free membarrier mseal
  map_shadow_stack shmget shmat shmctl shmdt

  fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill pause ptrace prctl
  arch_prctl set_tid_address set_robust_list get_robust_list rseq restart_syscall
  set_thread_area get_thread_area
  pidfd_open pidfd_send_signal process_madvise process_mrelease seccomp landlock_create_ruleset
  landlock_add_rule landlock_restrict_self
  futex futex_waitv futex_wake futex_wait futex_requeue
  sched_yield sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_setattr
  sched_getattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval
  sched_setaffinity sched_getaffinity getpriority setpriority ioprio_set ioprio_get getcpu
  getrlimit setrlimit prlimit64 getrusage times sysinfo uname getrandom

  getpid getppid gettid getpgid getpgrp setpgid getsid setsid getuid geteuid getgid getegid
  getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid setgroups
  setfsuid setfsgid capget capset

  rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigqueueinfo
  rt_tgsigqueueinfo rt_sigsuspend sigaltstack signalfd signalfd4

  time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer
  timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create
  timerfd_settime timerfd_gettime adjtimex clock_adjtime

  poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
  epoll_pwait2 eventfd eventfd2
  socketpair connect bind listen accept accept4 getsockname getpeername setsockopt getsockopt
  sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown
  semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
  mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr`)

/** Allowed with some arguments only: `seccomp.ts` has the rules. */
export const filteredCalls: readonly string[] = words('clone clone3 personality socket')

/**
 * Refused on purpose. Most need a capability that no container has; the filter holds when the
 * kernel's own check has a hole. `seccomp.test.ts` compares all three lists with the kernel's.
 */
export const refusedCalls: Readonly<Record<string, readonly string[]>> = {
  'mounts and file systems': words(`mount umount umount2 pivot_root chroot open_tree move_mount
    fsopen fsconfig fsmount fspick mount_setattr statmount listmount open_tree_attr swapon swapoff
    quotactl quotactl_fd name_to_handle_at open_by_handle_at fanotify_init fanotify_mark acct
    ustat sysfs vhangup nfsservctl file_getattr file_setattr`),
  namespaces: words('unshare setns sethostname setdomainname'),
  'the running kernel': words(`init_module finit_module delete_module create_module query_module
    get_kernel_syms kexec_load kexec_file_load reboot syslog bpf perf_event_open lookup_dcookie
    _sysctl lsm_get_self_attr lsm_set_self_attr lsm_list_modules`),
  'its clock and its devices': words('settimeofday clock_settime ioperm iopl'),
  'keys, which no namespace separates': words('keyctl add_key request_key'),
  'a history of holes, and programs do without': words(`io_uring_setup io_uring_enter
    io_uring_register userfaultfd modify_ldt memfd_secret uselib`),
  'memory and descriptors of other processes': words(`process_vm_readv process_vm_writev kcmp
    pidfd_getfd`),
  'placement of memory': words(`mbind set_mempolicy get_mempolicy migrate_pages move_pages
    set_mempolicy_home_node`),
  'without a use on Linux today': words(`getpmsg putpmsg afs_syscall tuxcall security vserver
    epoll_ctl_old epoll_wait_old uretprobe uprobe`),
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
