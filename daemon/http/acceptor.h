#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/connection_policy.h"
#include "http/draining_sockets.h"
#include "http/stream.h"

namespace halfclosed::http {

/// Accepts connections on every listener in a thread of its own and ends those that the policy says have to go. The
/// server that the connections are handed to reports what becomes of them, from its own thread.
class Acceptor {
 public:
    /// Gives a connection to the server, which owns its descriptor from then on.
    using HandOver = std::function<bool(int descriptor, const sockaddr* peer, socklen_t length)>;

    /// The listeners are the caller's, and outlive this.
    Acceptor(std::vector<int> listeners, const ConnectionPolicy::Limits& limits);
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    void open(HandOver hand_over);
    /// Accepts no more. Idempotent.
    void shut();

    // Thread-safe. closed() is called before the descriptor is: after it, the number means something else.
    void started(int descriptor);
    void asked(int descriptor);
    void streaming(int descriptor, std::shared_ptr<Stream> stream);
    void answered(int descriptor);
    void closed(int descriptor);
    /// Ends the connection at once, as one that is in the way.
    void cut(int descriptor);

 private:
    void run(const HandOver& hand_over);
    /// False if there is no room, or no descriptor, for another one.
    bool accept_all(int listener, const HandOver& hand_over);
    void make_room_after(int error);
    void cut_overdue();
    void cut_surplus();
    void look_at_streams();
    ConnectionPolicy::Look queues() const;
    bool full();
    /// In milliseconds; -1: without connections it wakes up for new ones alone.
    int time_to_next_look();

    std::vector<int> listeners_;
    int wake_up_ = -1;  ///< an eventfd, readable once the acceptor is to stop
    std::thread thread_;
    /// The connection that waits in asked(): its request has been read, and is as good as unread.
    std::atomic<int> asking_ = -1;
    std::mutex mutex_;
    // Under mutex_:
    ConnectionPolicy policy_;
    DrainingSockets draining_;
    std::map<int, std::shared_ptr<Stream>> streams_;
};

}  // namespace halfclosed::http
