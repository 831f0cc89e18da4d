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

constexpr int kLookMilliseconds = 1000;     ///< between two looks for who is overdue
constexpr int kDrainingMilliseconds = 200;  ///< the same while answers are being drained
constexpr int kRestMilliseconds = 20;       ///< without accept() while there is no room

using Clock = ConnectionPolicy::Clock;

ConnectionPolicy::Queues queues_of(int descriptor) {
    int bytes = 0;
    return {ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0,
            DrainingSockets::unsent(descriptor)};
}

/// What a peer that does not read can pin in the kernel: twice this (socket(7)), and what one send() may exceed it by.
void bound_send_buffer(int descriptor) {
    constexpr int kBytes = 16 * 1024;
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kBytes, sizeof kBytes);
}

/// Wakes whoever waits for the socket, who then closes it. A rude peer's socket ends with a reset,
/// which leaves nothing behind: without it each would stay in FIN-WAIT-2 for a minute.
void end(const ConnectionPolicy::Cut& cut) {
    if (cut.rude) {
        reset_at_close(cut.descriptor);
    }
    shutdown(cut.descriptor, SHUT_RDWR);
}

/// Connections take what descriptors the process may have, less those that polling, reloading and the state file need:
/// a crowd at the door must not make the daemon blind.
ConnectionPolicy::Limits within_descriptors(ConnectionPolicy::Limits limits) {
    constexpr rlim_t kKept = 32;
    constexpr rlim_t kFewest = 4;
    rlimit descriptors{};
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur != RLIM_INFINITY) {
        const rlim_t left = descriptors.rlim_cur > kKept ? descriptors.rlim_cur - kKept : 0;
        const std::size_t half = std::max(left / 2, kFewest);
        limits.connections = std::min(limits.connections, half);
        limits.margin = std::min(limits.margin, half);
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
        const int timeout = room ? time_to_next_look() : kRestMilliseconds;
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
        bound_send_buffer(connection);
        {
            const std::lock_guard lock(mutex_);
            table_.accepted(connection, peer_name(reinterpret_cast<const sockaddr*>(&peer)),
                            Clock::now());
        }
        if (!hand_over(connection, reinterpret_cast<const sockaddr*>(&peer), length)) {
            const std::lock_guard lock(mutex_);
            table_.closed(connection);  // the descriptor is closed already
        }
        cut_surplus();
    }
    return true;
}

void Acceptor::make_room_after(int error) {
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        const std::lock_guard lock(mutex_);
        if (const auto cut = table_.spare(Clock::now(), queues_of)) {
            end(*cut);
        }
    }
}

void Acceptor::cut_overdue() {
    const std::lock_guard lock(mutex_);
    draining_.look(Clock::now());
    for (const ConnectionPolicy::Cut& cut : table_.overdue(Clock::now(), queues_of)) {
        end(cut);
    }
}

void Acceptor::cut_surplus() {
    const std::lock_guard lock(mutex_);
    for (const ConnectionPolicy::Cut& cut : table_.surplus(Clock::now(), queues_of)) {
        end(cut);
    }
}

bool Acceptor::full() {
    const std::lock_guard lock(mutex_);
    return table_.full(draining_.size());
}

int Acceptor::time_to_next_look() {
    const std::lock_guard lock(mutex_);
    if (draining_.size() > 0) {
        return kDrainingMilliseconds;
    }
    return table_.size() > 0 ? kLookMilliseconds : -1;
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
    draining_.keep_if_unsent(descriptor, Clock::now());
}

}  // namespace halfclosed::exporters
