#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/connection_policy.h"
#include "http/reply.h"
#include "http/request.h"

struct gnutls_session_int;

namespace halfclosed::http {

/// Called in the server's thread, once a request's header is there. It must not wait; the reply may come later, from
/// another thread.
using Handler = std::function<void(const Request& request, Reply reply)>;

/// Puts a session under the certificate in force, before its handshake, and returns what has to live as long as the
/// connection; nothing: the connection is ended.
using Handshake = std::function<std::shared_ptr<const void>(gnutls_session_int* session)>;

/// HTTP/1.1 on listening sockets, TCP or unix, over TLS if there is a handshake: libmicrohttpd, which reads requests
/// and writes answers in a thread of its own, behind an Acceptor, which counts and bounds the connections in another.
/// Bodies of requests are read and dropped. A peer that does not read its answer pins 32 KiB of the kernel's memory at
/// most, with the margin and all places 14 MiB.
class Server {
 public:
    struct Options {
        std::vector<int> listeners;  ///< the caller's; they outlive the server
        ConnectionPolicy::Limits limits{};
        Handler handler;
        Handshake handshake;  ///< empty: in clear
    };

    /// Throws std::runtime_error if there are no resources for it.
    explicit Server(Options options);

    /// Closes every connection at once, finished or not. Every stream is gone then.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Ends the connections that this text is being sent to. Thread-safe.
    void release(const std::string* text);

 private:
    class Daemon;
    std::unique_ptr<Daemon> daemon_;
};

/// Of libmicrohttpd.
std::string library_version();
bool library_has_tls();

}  // namespace halfclosed::http
