#include "exporters/http/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "exporters/http/peer_key.h"

namespace halfclosed::exporters {

namespace {

constexpr int kLookMilliseconds = 1000;  ///< between two looks for who is overdue
constexpr int kRestMilliseconds = 20;    ///< without accept() while there is no room

using Clock = ConnectionPolicy::Clock;

bool has_unread(int descriptor) {
    int bytes = 0;
    return ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0;
}

/// Wakes whoever waits for the socket, who then closes it. A rude peer's socket ends with a reset,
/// which leaves nothing behind: without it each would stay in FIN-WAIT-2 for a minute.
void end(const ConnectionPolicy::Cut& cut) {
    if (cut.rude) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        setsockopt(cut.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    shutdown(cut.descriptor, SHUT_RDWR);
}

/// Connections take what descriptors the process may have, less those that polling, reloading and the state file need:
/// a crowd at the door must not make the daemon blind. The door holds up to twice its places for a moment.
ConnectionPolicy::Limits within_descriptors(ConnectionPolicy::Limits limits) {
    constexpr rlim_t kKept = 32;
    constexpr rlim_t kFewest = 4;
    rlimit descriptors{};
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur != RLIM_INFINITY) {
        const rlim_t left = descriptors.rlim_cur > kKept ? descriptors.rlim_cur - kKept : 0;
        limits.connections = std::min<std::size_t>(limits.connections, std::max(left / 2, kFewest));
    }
    return limits;
}

/// Signals are for the thread that runs the loop.
class SignalsBlocked {
 public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
    sigset_t before_{};
};

}  // namespace

Acceptor::Acceptor(std::vector<Listener> listeners, const ConnectionPolicy::Limits& limits)
    : listeners_(std::move(listeners)),
      wake_up_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      table_(within_descriptors(limits)) {
    if (wake_up_ < 0) {
        throw std::runtime_error(std::string("eventfd: ") + std::strerror(errno));
    }
}

Acceptor::~Acceptor() {
    shut();
    close(wake_up_);
}

void Acceptor::open(HandOver hand_over) {
    const SignalsBlocked blocked;
    thread_ = std::thread([this, hand_over = std::move(hand_over)] { run(hand_over); });
}

void Acceptor::shut() {
    if (thread_.joinable()) {
        eventfd_write(wake_up_, 1);
        thread_.join();
    }
}

void Acceptor::run(const HandOver& hand_over) {
    std::vector<pollfd> waiting{{wake_up_, POLLIN, 0}};
    for (const Listener& listener : listeners_) {
        waiting.push_back({listener.descriptor(), POLLIN, 0});
    }
    bool room = true;
    while (true) {
        // An empty house wakes up for new guests alone; without room the kernel's queue keeps them.
        const nfds_t count = room ? waiting.size() : 1;
        const int timeout = !room ? kRestMilliseconds : (idle() ? -1 : kLookMilliseconds);
        const int ready = poll(waiting.data(), count, timeout);
        if ((waiting[0].revents & POLLIN) != 0) {
            return;
        }
        room = true;
        for (std::size_t i = 1; i < count && ready > 0; ++i) {
            if (waiting[i].revents != 0 && !accept_all(waiting[i].fd, hand_over)) {
                room = false;
            }
        }
        cut_overdue();
        // Also while there is no room: what came in one rush may not have been in the server's hands then.
        cut_surplus();
    }
}

bool Acceptor::accept_all(int listener, const HandOver& hand_over) {
    // Bounded, so that a flood does not keep this thread from looking for who is overdue.
    constexpr int kAtOnce = 64;
    for (int i = 0; i < kAtOnce; ++i) {
        if (full()) {
            return false;
        }
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        const int connection = accept4(listener, reinterpret_cast<sockaddr*>(&peer), &length,
                                       SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0) {
            if (errno == EAGAIN) {
                return true;
            }
            if (errno == ECONNABORTED || errno == EINTR) {
                continue;
            }
            make_room_after(errno);
            return false;
        }
        {
            const std::lock_guard lock(mutex_);
            table_.accepted(connection, peer_name(reinterpret_cast<const sockaddr*>(&peer)),
                            Clock::now());
        }
        if (!hand_over(connection, reinterpret_cast<const sockaddr*>(&peer), length)) {
            closed(connection);
        }
        cut_surplus();
    }
    return true;
}

void Acceptor::make_room_after(int error) {
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        const std::lock_guard lock(mutex_);
        if (const auto cut = table_.spare(Clock::now(), has_unread)) {
            end(*cut);
        }
    }
}

void Acceptor::cut_overdue() {
    const std::lock_guard lock(mutex_);
    for (const ConnectionPolicy::Cut& cut : table_.overdue(Clock::now())) {
        end(cut);
    }
}

void Acceptor::cut_surplus() {
    const std::lock_guard lock(mutex_);
    for (const ConnectionPolicy::Cut& cut : table_.surplus(Clock::now(), has_unread)) {
        end(cut);
    }
}

bool Acceptor::full() {
    const std::lock_guard lock(mutex_);
    return table_.full();
}

bool Acceptor::idle() {
    const std::lock_guard lock(mutex_);
    return table_.size() == 0;
}

void Acceptor::started(int descriptor) {
    const std::lock_guard lock(mutex_);
    table_.started(descriptor);
}

void Acceptor::asked(int descriptor) {
    const std::lock_guard lock(mutex_);
    table_.asked(descriptor, Clock::now());
}

void Acceptor::answered(int descriptor) {
    const std::lock_guard lock(mutex_);
    table_.answered(descriptor, Clock::now());
}

void Acceptor::closed(int descriptor) {
    const std::lock_guard lock(mutex_);
    table_.closed(descriptor);
}

}  // namespace halfclosed::exporters
