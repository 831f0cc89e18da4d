/* Makes a program blind to sock_diag while the file $BLINDFOLD exists: its requests ask for a protocol that no kernel has,
 * so that the kernel itself answers with an error. For LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int blind(int fd)
{
	int protocol = 0;
	socklen_t size = sizeof(protocol);
	const char *flag = getenv("BLINDFOLD");

	return flag && access(flag, F_OK) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == NETLINK_SOCK_DIAG;
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t to_size)
{
	ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "sendto");
	const int saved = errno;
	char copy[65536];

	if (!blind(fd) || size < sizeof(struct nlmsghdr) + 2 || size > sizeof(copy)) {
		errno = saved;
		return next(fd, data, size, flags, to, to_size);
	}
	memcpy(copy, data, size);
	if (((struct nlmsghdr *)copy)->nlmsg_type != SOCK_DIAG_BY_FAMILY) {
		/* The old request bears its protocol in the message type. */
		errno = EPERM;
		return -1;
	}
	copy[sizeof(struct nlmsghdr) + 1] = (char)254; /* sdiag_protocol: no handler, ENOENT */
	return next(fd, copy, size, flags, to, to_size);
}
