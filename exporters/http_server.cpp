#include "exporters/http_server.h"

#include <microhttpd.h>
#include <time.h>

#include <mutex>
#include <stdexcept>
#include <utility>

#include "exporters/front_door.h"
#include "exporters/response_cache.h"

namespace halfclosed::exporters {

namespace {

/// Of one connection: the header of a request and what is sent from. A longer header is answered
/// with 431.
constexpr std::size_t kConnectionMemory = 16 * 1024;

tracking::Instant boot_now() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return tracking::Instant(std::chrono::seconds(now.tv_sec) +
                             std::chrono::nanoseconds(now.tv_nsec));
}

int descriptor_of(MHD_Connection* connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/// Leaves paths as they were sent: "/%6detrics" and "/metrics%00" are not "/metrics".
std::size_t keep_escapes(void*, MHD_Connection*, char* text) {
    return std::char_traits<char>::length(text);
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
        : report_(options.first), door_(open_listeners(options), options.limits) {
        // The connections are the door's to count, so there is no listening socket here, no limit
        // per address, none in all that is ever reached, and no timeout: libmicrohttpd's starts
        // anew at every byte.
        daemon_ = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC, 0, nullptr,
            nullptr, &Daemon::on_request, this, MHD_OPTION_CONNECTION_LIMIT,
            static_cast<unsigned>(4 * options.limits.connections),
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_UNESCAPE_CALLBACK, &keep_escapes, nullptr, MHD_OPTION_NOTIFY_CONNECTION,
            &Daemon::on_connection, this, MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, this,
            MHD_OPTION_END);
        if (daemon_ == nullptr) {
            throw std::runtime_error("cannot start the HTTP server");
        }
        door_.open([this](int descriptor, const sockaddr* peer, socklen_t length) {
            return MHD_add_connection(daemon_, descriptor, peer, length) == MHD_YES;
        });
    }

    ~Daemon() {
        door_.shut();
        MHD_stop_daemon(daemon_);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void publish(std::shared_ptr<const Report> report) {
        const std::lock_guard lock(mutex_);
        report_.swap(report);
    }

    const std::vector<Listener>& listeners() const { return door_.listeners(); }

 private:
    std::shared_ptr<const Report> report() {
        const std::lock_guard lock(mutex_);
        return report_;
    }

    static void on_connection(void* self, MHD_Connection* connection, void**,
                              MHD_ConnectionNotificationCode what) {
        FrontDoor& door = static_cast<Daemon*>(self)->door_;
        const int descriptor = descriptor_of(connection);
        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
            door.started(descriptor);
        } else {
            door.closed(descriptor);
        }
    }

    static void on_completed(void* self, MHD_Connection* connection, void**,
                             MHD_RequestTerminationCode) {
        static_cast<Daemon*>(self)->door_.answered(descriptor_of(connection));
    }

    /// Called once when the header is complete, once for each piece of a body, and once when all
    /// has come.
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char*,
                                 std::size_t* body_size, void** phase) try {
        Daemon& daemon = *static_cast<Daemon*>(self);
        const HttpRequest request{method, url, header(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING)};
        const bool reads = request.method == "GET" || request.method == "HEAD";
        if (*phase == nullptr) {
            *phase = self;
            daemon.door_.asked(descriptor_of(connection));
            if (reads) {
                return MHD_YES;
            }
        } else if (*body_size > 0) {
            *body_size = 0;  // nothing here takes a body
            return MHD_YES;
        }
        const auto [response, status] =
            daemon.responses_.respond(request, daemon.report(), boot_now());
        return MHD_queue_response(connection, status, response);
    } catch (const std::exception&) {
        return MHD_NO;  // closes the connection: there is no memory for an answer
    }

    static std::string_view header(MHD_Connection* connection, const char* name) {
        const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
        return value != nullptr ? value : "";
    }

    std::mutex mutex_;
    std::shared_ptr<const Report> report_;  ///< under mutex_
    ResponseCache responses_;               ///< of libmicrohttpd's thread alone
    MHD_Daemon* daemon_ = nullptr;
    FrontDoor door_;
};

HttpServer::HttpServer(const HttpOptions& options) : daemon_(std::make_unique<Daemon>(options)) {
}

HttpServer::~HttpServer() = default;

void HttpServer::publish(std::shared_ptr<const Report> report) {
    daemon_->publish(std::move(report));
}

std::vector<std::string> HttpServer::addresses() const {
    std::vector<std::string> addresses;
    for (const Listener& listener : daemon_->listeners()) {
        addresses.push_back(listener.address());
    }
    return addresses;
}

}  // namespace halfclosed::exporters
