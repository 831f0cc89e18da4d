#include "scenarios/player/symbols.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

namespace halfclosed::scenarios {

namespace {

/// Linux numbers its errors up to here (include/uapi/asm-generic/errno.h).
constexpr int kLastError = 133;

#define HALFCLOSED_SYMBOL(name) \
    { #name, name }
constexpr std::pair<std::string_view, std::int64_t> kSymbols[] = {
    {"NULL", 0},
    {"TCP_INQ", 36},
    HALFCLOSED_SYMBOL(AF_INET),
    HALFCLOSED_SYMBOL(AF_INET6),
    HALFCLOSED_SYMBOL(PF_INET),
    HALFCLOSED_SYMBOL(PF_INET6),
    HALFCLOSED_SYMBOL(SOCK_STREAM),
    HALFCLOSED_SYMBOL(SOCK_NONBLOCK),
    HALFCLOSED_SYMBOL(SOCK_CLOEXEC),
    HALFCLOSED_SYMBOL(IPPROTO_IP),
    HALFCLOSED_SYMBOL(IPPROTO_IPV6),
    HALFCLOSED_SYMBOL(IPPROTO_TCP),
    HALFCLOSED_SYMBOL(SOL_SOCKET),
    HALFCLOSED_SYMBOL(SOL_IP),
    HALFCLOSED_SYMBOL(SOL_IPV6),
    HALFCLOSED_SYMBOL(SOL_TCP),
    HALFCLOSED_SYMBOL(SO_REUSEADDR),
    HALFCLOSED_SYMBOL(SO_REUSEPORT),
    HALFCLOSED_SYMBOL(SO_KEEPALIVE),
    HALFCLOSED_SYMBOL(SO_LINGER),
    HALFCLOSED_SYMBOL(SO_ERROR),
    HALFCLOSED_SYMBOL(SO_RCVBUF),
    HALFCLOSED_SYMBOL(SO_SNDBUF),
    HALFCLOSED_SYMBOL(SO_RCVLOWAT),
    HALFCLOSED_SYMBOL(TCP_NODELAY),
    HALFCLOSED_SYMBOL(TCP_MAXSEG),
    HALFCLOSED_SYMBOL(TCP_CORK),
    HALFCLOSED_SYMBOL(TCP_KEEPIDLE),
    HALFCLOSED_SYMBOL(TCP_KEEPINTVL),
    HALFCLOSED_SYMBOL(TCP_KEEPCNT),
    HALFCLOSED_SYMBOL(TCP_SYNCNT),
    HALFCLOSED_SYMBOL(TCP_LINGER2),
    HALFCLOSED_SYMBOL(TCP_DEFER_ACCEPT),
    HALFCLOSED_SYMBOL(TCP_WINDOW_CLAMP),
    HALFCLOSED_SYMBOL(TCP_QUICKACK),
    HALFCLOSED_SYMBOL(TCP_USER_TIMEOUT),
    HALFCLOSED_SYMBOL(TCP_NOTSENT_LOWAT),
    HALFCLOSED_SYMBOL(SHUT_RD),
    HALFCLOSED_SYMBOL(SHUT_WR),
    HALFCLOSED_SYMBOL(SHUT_RDWR),
    HALFCLOSED_SYMBOL(F_GETFL),
    HALFCLOSED_SYMBOL(F_SETFL),
    HALFCLOSED_SYMBOL(O_RDWR),
    HALFCLOSED_SYMBOL(O_NONBLOCK),
    HALFCLOSED_SYMBOL(MSG_PEEK),
    HALFCLOSED_SYMBOL(MSG_DONTWAIT),
    HALFCLOSED_SYMBOL(MSG_WAITALL),
    HALFCLOSED_SYMBOL(MSG_MORE),
    HALFCLOSED_SYMBOL(MSG_NOSIGNAL),
    HALFCLOSED_SYMBOL(MSG_TRUNC),
    HALFCLOSED_SYMBOL(POLLIN),
    HALFCLOSED_SYMBOL(POLLOUT),
    HALFCLOSED_SYMBOL(POLLERR),
    HALFCLOSED_SYMBOL(POLLHUP),
    HALFCLOSED_SYMBOL(POLLRDHUP),
    HALFCLOSED_SYMBOL(SIOCINQ),
    HALFCLOSED_SYMBOL(SIOCOUTQ),
    HALFCLOSED_SYMBOL(FIONREAD),
};
#undef HALFCLOSED_SYMBOL

}  // namespace

std::optional<std::int64_t> symbol(std::string_view name) {
    for (const auto& [known, number] : kSymbols) {
        if (known == name) {
            return number;
        }
    }
    if (name == "EWOULDBLOCK") {
        return EWOULDBLOCK;
    }
    for (int error = 1; error <= kLastError; ++error) {
        const char* const known = strerrorname_np(error);
        if (known != nullptr && name == known) {
            return error;
        }
    }
    return std::nullopt;
}

}  // namespace halfclosed::scenarios
