#include "exporters/http/server.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "exporters/http/allowed_hosts.h"
#include "exporters/http/authorization.h"
#include "exporters/http/response_cache.h"
#include "http/listener.h"
#include "http/server.h"
#include "posix/clock.h"

namespace halfclosed::exporters {

namespace {

constexpr std::string_view kHistoryPath = "/api/v1/history";

std::vector<http::Listener> open_listeners(const HttpOptions& options) {
    std::vector<http::Listener> listeners;
    for (const int descriptor : options.inherited) {
        listeners.push_back(http::Listener::adopt(descriptor));
    }
    for (const std::string& address : options.listen) {
        listeners.emplace_back(address);
    }
    return listeners;
}

}  // namespace

class HttpServer::Page {
 public:
    explicit Page(const HttpOptions& options)
        : listeners_(open_listeners(options)),
          allowed_hosts_(options.allowed_hosts),
          snapshot_access_(options.snapshot_access),
          snapshot_(options.first),
          responses_([this](const std::string* text) { release(text); }),
          authorization_(options.access_policy),
          history_(options.history),
          server_(server_options(options)) {}

    void publish(std::shared_ptr<const Snapshot> snapshot) {
        {
            const std::lock_guard lock(mutex_);
            snapshot_.swap(snapshot);
        }
        responses_.forget();
    }

    void admit_by(std::shared_ptr<const auth::AccessPolicy> access_policy) {
        authorization_.admit_by(std::move(access_policy));
    }

    void show_sockets_to(SnapshotAccess access) { snapshot_access_ = access; }

    http::Answer answer(const http::Request& request) {
        return responses_.respond(request, snapshot(), authorization_.access_policy(),
                                  Instant{posix::monotonic_clock_now()});
    }

    const std::vector<http::Listener>& listeners() const { return listeners_; }

 private:
    http::Server::Options server_options(const HttpOptions& options) {
        http::Server::Options made;
        for (const http::Listener& listener : listeners_) {
            made.listeners.push_back(listener.descriptor());
        }
        made.limits = options.limits;
        made.handler = [this](const http::Request& request, const http::Reply& reply) {
            handle(request, reply);
        };
        if (authorization_.tls()) {
            made.handshake = [this](gnutls_session_int* session) {
                return authorization_.take(session);
            };
        }
        return made;
    }

    void handle(const http::Request& request, const http::Reply& reply) {
        if (!allowed_hosts_.allows(request.header("host"))) {
            reply.send(with_headers(misdirected(), authorization_.access_policy()));
            return;
        }
        authorization_.judge(request, [this, request, reply](auth::Verdict verdict) {
            if (verdict == auth::Verdict::granted && asks_for_history(request)) {
                answer_history(request, reply);
            } else {
                reply.send(respond(request, verdict));
            }
        });
    }

    /// Whether that is for the history, and the requester may read it: counts are for everybody.
    bool asks_for_history(const http::Request& request) {
        if (!history_ || request.path != kHistoryPath || !request.reads()) {
            return false;
        }
        const auto view = request.query.find("view");
        return (view != request.query.end() && view->second == "counts") ||
               may_read_sockets(snapshot_access_, authorization_.access_policy().get());
    }

    /// Read from the disk: by another thread, which takes the time that it takes.
    void answer_history(const http::Request& request, const http::Reply& reply) {
        history_(request, [this, request, reply](http::Answer made) {
            reply.send(
                with_headers(finished(request, std::move(made)), authorization_.access_policy()));
        });
    }

    http::Answer respond(const http::Request& request, auth::Verdict verdict) {
        const Authorization::AccessPolicy access_policy = authorization_.access_policy();
        switch (verdict) {
            case auth::Verdict::refused:
                return with_headers(unauthorized(), access_policy);
            case auth::Verdict::turned_away:
                return with_headers(too_many_at_once(), access_policy);
            case auth::Verdict::granted:
                break;
        }
        if (tells_of_single_sockets(request.path) &&
            !may_read_sockets(snapshot_access_, access_policy.get())) {
            return with_headers(sockets_not_shown(), access_policy);
        }
        return answer(request);
    }

    void release(const std::string* text) { server_.release(text); }

    std::shared_ptr<const Snapshot> snapshot() {
        const std::lock_guard lock(mutex_);
        return snapshot_;
    }

    std::vector<http::Listener> listeners_;
    AllowedHosts allowed_hosts_;
    std::atomic<SnapshotAccess> snapshot_access_;
    std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_;  ///< under mutex_
    ResponseCache responses_;
    Authorization authorization_;
    std::function<void(const http::Request&, HttpOptions::Send)> history_;
    http::Server server_;  // the first to end: its threads use all of these
};

HttpServer::HttpServer(const HttpOptions& options) : page_(std::make_unique<Page>(options)) {
}

HttpServer::~HttpServer() = default;

void HttpServer::publish(std::shared_ptr<const Snapshot> snapshot) {
    page_->publish(std::move(snapshot));
}

void HttpServer::admit_by(std::shared_ptr<const auth::AccessPolicy> access_policy) {
    page_->admit_by(std::move(access_policy));
}

http::Answer HttpServer::answer(const http::Request& request) {
    return page_->answer(request);
}

void HttpServer::show_sockets_to(SnapshotAccess access) {
    page_->show_sockets_to(access);
}

std::vector<std::string> HttpServer::addresses() const {
    std::vector<std::string> addresses;
    for (const http::Listener& listener : page_->listeners()) {
        addresses.push_back(listener.address());
    }
    return addresses;
}

}  // namespace halfclosed::exporters
