#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporters/auth/access_policy.h"
#include "exporters/http/snapshot_access.h"
#include "exporters/snapshot/snapshot.h"
#include "http/answer.h"
#include "http/connection_policy.h"
#include "http/request.h"

namespace halfclosed::exporters {

struct HttpOptions {
    /// Numeric addresses with ports, "127.0.0.1:10999" or "[::1]:10999"; port 0 lets the kernel
    /// choose.
    std::vector<std::string> listen{"127.0.0.1:10999"};
    /// Listening sockets that were passed to the process; the server owns them from here on.
    std::vector<int> inherited;
    /// What requests are answered from until the first publish(): one may wait at an inherited
    /// socket before there is a server. Nothing: they get 503.
    std::shared_ptr<const Snapshot> first;
    http::ConnectionPolicy::Limits limits{};
    /// Who may read the page, and over what. Nothing: everybody, in clear.
    std::shared_ptr<const auth::AccessPolicy> access_policy;
    SnapshotAccess snapshot_access = SnapshotAccess::open;
    /// Names and addresses that requests may be for, beside those of this machine.
    std::vector<std::string> allowed_hosts;
    /// Answers /api/v1/history, from any thread, once. Nothing: 404.
    using Send = std::function<void(http::Answer)>;
    std::function<void(const http::Request& request, Send send)> history;
};

/// The page at its addresses: what routes.h says, from an http::Server, and a thread more where passwords are to be
/// checked. Nothing here changes any state. Requests are answered from the last published snapshot alone, so a slow
/// client never waits for a poll nor a poll for a client; an answer was made at most a second ago, or says of the snapshot
/// alone. A request for a Host that is not allowed gets 421.
class HttpServer {
 public:
    /// Listens on all addresses or on none. Throws std::invalid_argument for text that is no
    /// address, and std::runtime_error "cannot listen on 127.0.0.1:10999: Address already in use".
    explicit HttpServer(const HttpOptions& options);

    /// Closes every connection at once, finished or not.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// What requests are answered from, from now on. Thread-safe.
    void publish(std::shared_ptr<const Snapshot> snapshot);

    /// Who may read from now on: passwords from the next request on, certificates from the next
    /// connection. Throws std::invalid_argument if it has TLS and the present one has not, or the
    /// reverse: that is for the next start. Thread-safe.
    void admit_by(std::shared_ptr<const auth::AccessPolicy> access_policy);

    /// The answer to a request that came another way, whoever asks. Thread-safe.
    http::Answer answer(const http::Request& request);

    /// Who may read single sockets from now on. Thread-safe.
    void show_sockets_to(SnapshotAccess access);

    /// The addresses that are listened on, with the ports that the kernel chose.
    std::vector<std::string> addresses() const;

 private:
    class Page;
    std::unique_ptr<Page> page_;
};

}  // namespace halfclosed::exporters
