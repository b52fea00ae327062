# Reads a terminal's output and appends to a file the part that a human can read: text with the
# time, a line for every jump of the cursor. Control characters are removed, so the file is safe to
# show in a terminal. At its size limit the file becomes `<file>.1` and a new one begins.
use strict;
use warnings;
use POSIX qw(strftime);

my ($path, $cap) = @ARGV;
my ($log, $pending, $previous) = (undef, '', '');

sub reopen {
  close $log if $log;
  rename $path, "$path.1" if -e $path && -s $path >= $cap;
  open $log, '>>:unix', $path or die "$path: $!";
}

# A character of several bytes in UTF-8, without surrogates and overlong forms.
my $character = qr/[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]
  |[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}
  |\xf4[\x80-\x8f][\x80-\xbf]{2}/x;

sub readable {
  my ($bytes) = @_;
  for ($bytes) {
    s/\e[\]PX^_][^\a\e]*(?:\a|\e\\)//g;      # titles, clipboard, images
    s/\e\[[0-9;]*[HfABEFdJ]/\n/g;            # jumps and erasures
    s/\e\[[0-9]*[CG]/ /g;
    s/\e\[[0-?]*[ -\/]*[@-~]//g;
    s/\e[ -\/]*[0-~]//g;
    s/\r/\n/g;
    # From here on no removal may bring bytes together that make another character: first single
    # bytes, then bytes that belong to no character, then whole characters.
    s/[\x00-\x08\x0b-\x1f\x7f]//g;
    s/$character(*SKIP)(*FAIL)|[\x80-\xff]//g;
    s/\xc2[\x80-\x9f]//g;
    # What reorders or hides text: U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069, tags.
    s/\xd8\x9c|\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])|\xf3\xa0[\x80\x81][\x80-\xbf]//g;
  }
  return $bytes;
}

# The end of a chunk may cut an escape sequence or a character of several bytes.
my $cut = qr/(?:\e(?:\[[0-?]*[ -\/]*|[\]PX^_][^\a\e]{0,4096}|[ -\/]*)|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\z/;

reopen();
while (my $size = sysread STDIN, my $chunk, 65536) {
  # A full chunk is more than a human reads: it is dropped, so that tmux never has to buffer for us.
  ($chunk, $pending) = ("\n(more than can be shown)\n", '') if $size == 65536;
  $pending .= $chunk;
  my $rest = $pending =~ s/($cut)// ? $1 : '';
  my ($time, $text) = (strftime('%H:%M:%S ', gmtime), '');
  for my $line (split /\n/, readable($pending)) {
    $line =~ s/^\s+|\s+$//g;
    # Fragments of a spinner, ruled lines and a line drawn again carry no information.
    next if $line !~ /\w{3}|[\xc3-\xe1\xe3-\xf4]/ || $line eq $previous;
    $previous = $line;
    $text .= "$time$line\n";
  }
  $pending = $rest;
  syswrite $log, $text;
  reopen() if -s $log >= $cap;
}
