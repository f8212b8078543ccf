/*
 * powercut: notes every change that a program makes to the files of one folder, in order, so that the state that only
 * holds what was synced can be rebuilt for any instant. For scripts/crash.sh, by LD_PRELOAD.
 *
 *   POWERCUT_FOLDER   the folder that is watched
 *   POWERCUT_JOURNAL  where the notes go, outside of it
 *
 * A record is `op (1 byte) · file (4) · offset (8) · length (8) · data`, little endian:
 *   N  file `file` has the name `data`        W  write      T  truncate to `offset`
 *   S  sync, noted when it has returned       U  unlink
 *
 * Each call holds one lock while it is done and noted, so the order of the notes is the order of the changes. Memory
 * maps are not seen: SQLite maps its -shm file, which is rebuilt after a crash, and maps the database for reading only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static char folder[PATH_MAX];
static char names[FILES][NAME_MAX + 1];
static int known;
static int file_of[65536]; /* by descriptor: number of the file, and one; 0 for a file that isn't watched */

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_posix_fallocate)(int, off_t, off_t);

static void fail(const char *what) {
  fprintf(stderr, "powercut: %s\n", what);
  _exit(97);
}

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open");
  real_openat = dlsym(RTLD_NEXT, "openat");
  real_close = dlsym(RTLD_NEXT, "close");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_posix_fallocate = dlsym(RTLD_NEXT, "posix_fallocate");
  const char *watched = getenv("POWERCUT_FOLDER"), *path = getenv("POWERCUT_JOURNAL");
  if (!watched || !path)
    return;
  if (!realpath(watched, folder))
    fail("no such folder");
  journal = real_open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (journal < 0)
    fail("can't make the journal");
}

static void put(const void *data, size_t length) {
  const char *at = data;
  while (length > 0) {
    ssize_t written = real_write(journal, at, length);
    if (written <= 0)
      fail("can't write the journal");
    at += written;
    length -= (size_t)written;
  }
}

static void note(char op, int file, uint64_t offset, const void *data, uint64_t length) {
  char head[21];
  uint32_t number = (uint32_t)file;
  head[0] = op;
  memcpy(head + 1, &number, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &length, 8);
  put(head, sizeof head);
  if (length > 0)
    put(data, length);
}

/* The number of the watched file at `path`, -1 for any other. */
static int number_of(const char *path) {
  char full[PATH_MAX], parent[PATH_MAX];
  if (journal < 0 || !path)
    return -1;
  if (path[0] != '/') {
    if (!getcwd(parent, sizeof parent) ||
        snprintf(full, sizeof full, "%s/%s", parent, path) >= (int)sizeof full)
      return -1;
    path = full;
  }
  const char *slash = strrchr(path, '/');
  size_t length = (size_t)(slash - path);
  if (length >= sizeof parent)
    return -1;
  memcpy(parent, path, length);
  parent[length] = 0;
  char real[PATH_MAX];
  if (!realpath(parent, real) || strcmp(real, folder) != 0)
    return -1;
  for (int i = 0; i < known; i++)
    if (strcmp(names[i], slash + 1) == 0)
      return i;
  if (known == FILES || strlen(slash + 1) > NAME_MAX)
    fail("too many files");
  strcpy(names[known], slash + 1);
  note('N', known, 0, slash + 1, strlen(slash + 1));
  return known++;
}

static int watched(int fd) {
  return journal >= 0 && fd >= 0 && fd < 65536 ? file_of[fd] - 1 : -1;
}

static int opened(int fd, const char *path, int flags) {
  struct stat about;
  if (fd < 0 || fd >= 65536)
    return fd;
  file_of[fd] = 0;
  if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
    int file = number_of(path);
    file_of[fd] = file + 1;
    if (file >= 0 && (flags & O_TRUNC))
      note('T', file, 0, NULL, 0);
  }
  return fd;
}

#define MODE                                                                                                          \
  mode_t mode = 0;                                                                                                    \
  if (flags & (O_CREAT | O_TMPFILE)) {                                                                                \
    va_list more;                                                                                                     \
    va_start(more, flags);                                                                                            \
    mode = va_arg(more, mode_t);                                                                                      \
    va_end(more);                                                                                                     \
  }

int open(const char *path, int flags, ...) {
  MODE
  pthread_mutex_lock(&lock);
  int fd = opened(real_open(path, flags, mode), path, flags);
  pthread_mutex_unlock(&lock);
  return fd;
}

int open64(const char *path, int flags, ...) {
  MODE
  pthread_mutex_lock(&lock);
  int fd = opened(real_open(path, flags | O_LARGEFILE, mode), path, flags);
  pthread_mutex_unlock(&lock);
  return fd;
}

int openat(int at, const char *path, int flags, ...) {
  MODE
  pthread_mutex_lock(&lock);
  int fd = real_openat(at, path, flags, mode);
  fd = at == AT_FDCWD || path[0] == '/' ? opened(fd, path, flags) : fd;
  pthread_mutex_unlock(&lock);
  return fd;
}

int openat64(int at, const char *path, int flags, ...) {
  MODE
  return openat(at, path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
  pthread_mutex_lock(&lock);
  if (fd >= 0 && fd < 65536)
    file_of[fd] = 0;
  int result = real_close(fd);
  pthread_mutex_unlock(&lock);
  return result;
}

ssize_t write(int fd, const void *data, size_t length) {
  if (watched(fd) < 0)
    return real_write(fd, data, length);
  pthread_mutex_lock(&lock);
  off_t offset = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
  ssize_t written = real_write(fd, data, length);
  if (written > 0)
    note('W', watched(fd), (uint64_t)offset, data, (uint64_t)written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  if (watched(fd) < 0)
    return real_pwrite(fd, data, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = real_pwrite(fd, data, length, offset);
  if (written > 0)
    note('W', watched(fd), (uint64_t)offset, data, (uint64_t)written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return pwrite(fd, data, length, offset); }

int ftruncate(int fd, off_t length) {
  if (watched(fd) < 0)
    return real_ftruncate(fd, length);
  pthread_mutex_lock(&lock);
  int result = real_ftruncate(fd, length);
  if (result == 0)
    note('T', watched(fd), (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

static int synced(int fd, int (*sync)(int)) {
  if (watched(fd) < 0)
    return sync(fd);
  pthread_mutex_lock(&lock);
  int result = sync(fd);
  if (result == 0)
    note('S', watched(fd), 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int fsync(int fd) { return synced(fd, real_fsync); }

int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int file = number_of(path);
  int result = real_unlink(path);
  if (result == 0 && file >= 0)
    note('U', file, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

/* Nobody of ours uses these on the database; if that changes the harness must learn of it. */
int posix_fallocate(int fd, off_t offset, off_t length) {
  if (watched(fd) >= 0)
    fail("posix_fallocate is not noted");
  return real_posix_fallocate(fd, offset, length);
}
