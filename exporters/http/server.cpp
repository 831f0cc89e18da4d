#include "exporters/http/server.h"

#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "exporters/http/acceptor.h"
#include "exporters/http/authorization.h"
#include "exporters/http/plaintext_notice.h"
#include "exporters/http/response_cache.h"

namespace halfclosed::exporters {

namespace {

/// Of one connection: the header of a request and what is sent from. A longer header is answered
/// with 431.
constexpr std::size_t kConnectionMemory = std::size_t{16} * 1024;

Instant boot_now() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

int descriptor_of(MHD_Connection* connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/// Leaves paths as they were sent: "/%6detrics" and "/metrics%00" are not "/metrics".
std::size_t keep_escapes(void*, MHD_Connection*, char* text) {
    return std::char_traits<char>::length(text);
}

/// libmicrohttpd wants a certificate when it starts. Ours is put in place for each connection; a handshake that gets
/// here has none, and fails.
int no_certificate(gnutls_session_t, const gnutls_datum_t*, int, const gnutls_pk_algorithm_t*, int,
                   gnutls_pcert_st**, unsigned*, gnutls_privkey_t*) {
    return -1;
}

std::vector<Listener> open_listeners(const HttpOptions& options) {
    std::vector<Listener> listeners;
    for (const int descriptor : options.inherited) {
        listeners.push_back(Listener::adopt(descriptor));
    }
    for (const std::string& address : options.listen) {
        listeners.emplace_back(address);
    }
    return listeners;
}

}  // namespace

/// libmicrohttpd, which reads requests and writes answers, behind a door of our own.
class HttpServer::Daemon {
 public:
    explicit Daemon(const HttpOptions& options)
        : snapshot_(options.first),
          admission_(options.access_policy),
          acceptor_(open_listeners(options), options.limits) {
        // The connections are the door's to count, so there is no listening socket here, no limit
        // per address, none in all that is ever reached, and no timeout: libmicrohttpd's starts
        // anew at every byte.
        unsigned flags =
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME;
        std::vector<MHD_OptionItem> more;
        if (admission_.tls()) {
            flags |= MHD_USE_TLS;
            more.push_back(
                {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, reinterpret_cast<void*>(&no_certificate)});
        }
        more.push_back({MHD_OPTION_END, 0, nullptr});
        daemon_ = MHD_start_daemon(
            flags, 0, nullptr, nullptr, &Daemon::on_request, this, MHD_OPTION_CONNECTION_LIMIT,
            static_cast<unsigned>(4 * options.limits.connections),
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_UNESCAPE_CALLBACK, &keep_escapes, nullptr, MHD_OPTION_NOTIFY_CONNECTION,
            &Daemon::on_connection, this, MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, this,
            MHD_OPTION_ARRAY, more.data(), MHD_OPTION_END);
        if (daemon_ == nullptr) {
            throw std::runtime_error("cannot start the HTTP server");
        }
        acceptor_.open([this](int descriptor, const sockaddr* peer, socklen_t length) {
            if (admission_.tls() && answered_plain_http(descriptor)) {
                close(descriptor);
                return false;
            }
            return MHD_add_connection(daemon_, descriptor, peer, length) == MHD_YES;
        });
    }

    ~Daemon() {
        acceptor_.shut();
        // libmicrohttpd does not stop while a connection is suspended.
        admission_.stop();
        MHD_stop_daemon(daemon_);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void publish(std::shared_ptr<const Snapshot> snapshot) {
        const std::lock_guard lock(mutex_);
        snapshot_.swap(snapshot);
    }

    void admit_by(std::shared_ptr<const auth::AccessPolicy> access_policy) {
        admission_.admit_by(std::move(access_policy));
    }

    const std::vector<Listener>& listeners() const { return acceptor_.listeners(); }

 private:
    /// A request on its way through on_request().
    struct Visit {
        std::atomic<auth::Verdict> verdict = auth::Verdict::granted;
        bool header_passed = false;
    };

    std::shared_ptr<const Snapshot> snapshot() {
        const std::lock_guard lock(mutex_);
        return snapshot_;
    }

    static void on_connection(void* self, MHD_Connection* connection, void** context,
                              MHD_ConnectionNotificationCode what) {
        Daemon& daemon = *static_cast<Daemon*>(self);
        const int descriptor = descriptor_of(connection);
        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
            *context = daemon.admission_.take_handshake(connection).release();
            daemon.acceptor_.started(descriptor);
        } else {
            daemon.acceptor_.closed(descriptor);
            delete static_cast<Authorization::AccessPolicy*>(*context);
        }
    }

    static void on_completed(void* self, MHD_Connection* connection, void** visit,
                             MHD_RequestTerminationCode) {
        static_cast<Daemon*>(self)->acceptor_.answered(descriptor_of(connection));
        delete static_cast<Visit*>(*visit);
    }

    /// Called once when the header is complete, and again if that call suspended the connection, once for each piece
    /// of a body, and once when all has come.
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char*,
                                 std::size_t* body_size, void** context) try {
        Daemon& daemon = *static_cast<Daemon*>(self);
        auto* visit = static_cast<Visit*>(*context);
        if (visit == nullptr) {
            *context = visit = new Visit;
            daemon.acceptor_.asked(descriptor_of(connection));
            if (daemon.admission_.examine(connection, visit->verdict)) {
                return MHD_YES;
            }
        }
        const HttpRequest request{method, url, header(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING)};
        const bool reads = request.method == "GET" || request.method == "HEAD";
        if (!std::exchange(visit->header_passed, true)) {
            if (reads) {
                return MHD_YES;
            }
        } else if (*body_size > 0) {
            *body_size = 0;  // nothing here takes a body
            return MHD_YES;
        }
        const auto [response, status] = daemon.respond(request, visit->verdict);
        return MHD_queue_response(connection, status, response);
    } catch (const std::exception&) {
        return MHD_NO;  // closes the connection: there is no memory for an answer
    }

    std::pair<MHD_Response*, unsigned> respond(const HttpRequest& request, auth::Verdict verdict) {
        const Authorization::AccessPolicy access_policy = admission_.access_policy();
        switch (verdict) {
            case auth::Verdict::refused:
                return responses_.respond(unauthorized(), access_policy);
            case auth::Verdict::turned_away:
                return responses_.respond(too_many_at_once(), access_policy);
            case auth::Verdict::granted:
                break;
        }
        return responses_.respond(request, snapshot(), access_policy, boot_now());
    }

    static std::string_view header(MHD_Connection* connection, const char* name) {
        const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
        return value != nullptr ? value : "";
    }

    std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_;  ///< under mutex_
    ResponseCache responses_;                   ///< of libmicrohttpd's thread alone
    Authorization admission_;
    MHD_Daemon* daemon_ = nullptr;
    Acceptor acceptor_;
};

HttpServer::HttpServer(const HttpOptions& options) : daemon_(std::make_unique<Daemon>(options)) {
}

HttpServer::~HttpServer() = default;

void HttpServer::publish(std::shared_ptr<const Snapshot> snapshot) {
    daemon_->publish(std::move(snapshot));
}

void HttpServer::admit_by(std::shared_ptr<const auth::AccessPolicy> access_policy) {
    daemon_->admit_by(std::move(access_policy));
}

std::vector<std::string> HttpServer::addresses() const {
    std::vector<std::string> addresses;
    for (const Listener& listener : daemon_->listeners()) {
        addresses.push_back(listener.address());
    }
    return addresses;
}

}  // namespace halfclosed::exporters
