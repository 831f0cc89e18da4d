#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/peer_credentials.h"
#include "control/response_stream.h"
#include "loop/event_loop.h"

namespace halfclosed::control {

/// What of a request matters. Everything in it comes from outside.
struct Request {
    std::string method;
    std::string path;  ///< as sent: without the query, not decoded
    std::map<std::string, std::string> query;
    Peer peer;
};

struct Answer {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::shared_ptr<Stream> stream;  ///< instead of a body
    std::vector<std::pair<std::string, std::string>> headers;
};

/// HTTP over a unix socket, in the thread of the loop: `curl --unix-socket PATH http://localhost/…`. Who may ask is
/// said by may_control(); others get 403.
class ControlServer {
 public:
    using Router = std::function<Answer(const Request&)>;

    /// Throws std::runtime_error where the path cannot be listened on.
    ControlServer(EventLoop& loop, const std::string& path, Router router);

    /// Closes every connection at once, finished or not.
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    const std::string& path() const;

 private:
    class Daemon;
    std::unique_ptr<Daemon> daemon_;
};

}  // namespace halfclosed::control
