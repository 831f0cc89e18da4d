#include "http/server.h"

#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "http/acceptor.h"
#include "http/exchanges.h"
#include "http/mhd_response.h"
#include "http/plaintext_notice.h"
#include "posix/signals_blocked.h"

namespace halfclosed::http {

namespace {

/// Of one connection: the header of a request and what is sent from. A longer header is answered with 431.
constexpr std::size_t kConnectionMemory = std::size_t{16} * 1024;

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

MHD_Result add_to_query(void* query, MHD_ValueKind, const char* key, const char* value) {
    const std::string text = value != nullptr ? value : "";
    const auto [known, is_new] =
        static_cast<std::map<std::string, std::string>*>(query)->try_emplace(key, text);
    if (!is_new) {
        known->second += "," + text;
    }
    return MHD_YES;
}

/// One that is there twice is a list: RFC 9110, 5.3.
MHD_Result add_to_headers(void* headers, MHD_ValueKind, const char* key, const char* value) {
    std::string name = key;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string text = value != nullptr ? value : "";
    auto& all = *static_cast<std::map<std::string, std::string>*>(headers);
    const auto [place, first] = all.emplace(name, text);
    if (!first) {
        place->second += ", " + text;
    }
    return MHD_YES;
}

/// What libmicrohttpd does when its own wake-up cannot be written: it would abort() without a word.
[[noreturn]] void end_with_reason(void*, const char*, unsigned, const char* reason) {
    std::fprintf(stderr, "halfclosed: the HTTP server cannot go on: %s", reason);
    std::_Exit(EXIT_FAILURE);
}

}  // namespace

class Server::Daemon {
 public:
    explicit Daemon(Options options)
        : handler_(std::move(options.handler)),
          handshake_(std::move(options.handshake)),
          acceptor_(std::move(options.listeners), options.limits) {
        // Not epoll: there 0.9.75 does not clear a readiness that a TLS handshake's EAGAIN has disproved, and spins as
        // long as half a record is there. The connections are the acceptor's to count, so there is no listening socket
        // here, no limit that is ever reached, and no timeout: libmicrohttpd's starts anew at every byte.
        unsigned flags =
            MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME;
        std::vector<MHD_OptionItem> more;
        if (handshake_) {
            flags |= MHD_USE_TLS;
            more.push_back(
                {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, reinterpret_cast<void*>(&no_certificate)});
        }
        more.push_back({MHD_OPTION_END, 0, nullptr});
        MHD_set_panic_func(&end_with_reason, nullptr);
        const posix::SignalsBlocked blocked;
        daemon_ = MHD_start_daemon(
            flags, 0, nullptr, nullptr, &Daemon::on_request, this, MHD_OPTION_CONNECTION_LIMIT,
            static_cast<unsigned>(2 * (options.limits.connections + options.limits.margin)),
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_UNESCAPE_CALLBACK, &keep_escapes, nullptr, MHD_OPTION_NOTIFY_CONNECTION,
            &Daemon::on_connection, this, MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, this,
            MHD_OPTION_ARRAY, more.data(), MHD_OPTION_END);
        if (daemon_ == nullptr) {
            throw std::runtime_error("cannot start the HTTP server");
        }
        acceptor_.open([this](int descriptor, const sockaddr* peer, socklen_t length) {
            if (handshake_ && answered_plain_http(descriptor)) {
                close(descriptor);
                return false;
            }
            return MHD_add_connection(daemon_, descriptor, peer, length) == MHD_YES;
        });
    }

    ~Daemon() {
        acceptor_.shut();
        exchanges_.end();
        // libmicrohttpd does not stop while a connection is suspended: none is now, and none will be.
        MHD_stop_daemon(daemon_);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void release(const std::string* text) {
        exchanges_.release(text, [this](int descriptor) { acceptor_.cut(descriptor); });
    }

 private:
    struct Connection {
        Peer peer;
        std::shared_ptr<const void> under;  ///< what its handshake needs
    };

    /// A request on its way through on_request().
    struct Pending {
        std::shared_ptr<Exchange> exchange;
        bool reads = true;
        bool header_passed = false;
    };

    static void on_connection(void* self, MHD_Connection* connection, void** context,
                              MHD_ConnectionNotificationCode what) {
        Daemon& daemon = *static_cast<Daemon*>(self);
        const int descriptor = descriptor_of(connection);
        if (what != MHD_CONNECTION_NOTIFY_STARTED) {
            daemon.acceptor_.closed(descriptor);
            delete static_cast<Connection*>(*context);
            return;
        }
        auto* const made = new Connection{
            peer_of(descriptor,
                    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
                        ->client_addr),
            nullptr};
        *context = made;
        daemon.acceptor_.started(descriptor);
        if (daemon.handshake_) {
            made->under = daemon.handshake_(static_cast<gnutls_session_int*>(
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)
                    ->tls_session));
            if (!made->under) {
                shutdown(descriptor, SHUT_RDWR);
            }
        }
    }

    static void on_completed(void* self, MHD_Connection* connection, void** context,
                             MHD_RequestTerminationCode) {
        Daemon& daemon = *static_cast<Daemon*>(self);
        const std::unique_ptr<Pending> pending(
            static_cast<Pending*>(std::exchange(*context, nullptr)));
        daemon.acceptor_.answered(descriptor_of(connection));
        if (pending) {
            daemon.exchanges_.close(pending->exchange);
        }
    }

    /// Called once when the header is complete, and again if that call suspended the connection, once for each piece
    /// of a body, and once when all has come.
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char*,
                                 std::size_t* body_size, void** context) try {
        Daemon& daemon = *static_cast<Daemon*>(self);
        auto* pending = static_cast<Pending*>(*context);
        if (pending == nullptr) {
            *context = pending = new Pending{
                daemon.exchanges_.open(descriptor_of(connection),
                                       [connection] { MHD_resume_connection(connection); }),
                true, false};
            daemon.acceptor_.asked(descriptor_of(connection));
            pending->reads = daemon.ask(connection, url, method, pending->exchange);
            if (pending->exchange->wait([connection] { MHD_suspend_connection(connection); })) {
                return MHD_YES;
            }
        }
        const Answer& answer = *pending->exchange->answer();
        if (!std::exchange(pending->header_passed, true)) {
            if (pending->reads || answer.status < 400) {
                return MHD_YES;
            }  // else the body of what is refused need not come
        } else if (*body_size > 0) {
            *body_size = 0;  // nothing here takes a body
            return MHD_YES;
        }
        if (answer.stream) {
            daemon.acceptor_.streaming(descriptor_of(connection), answer.stream);
        }
        return MHD_queue_response(connection, answer.status, response_to(answer, connection).get());
    } catch (const std::exception&) {
        return MHD_NO;  // closes the connection: there is no memory for an answer
    }

    /// Returns whether the request reads.
    bool ask(MHD_Connection* connection, const char* url, const char* method,
             const std::shared_ptr<Exchange>& exchange) {
        const auto* const info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        Request request{
            method, url, {}, {}, static_cast<const Connection*>(info->socket_context)->peer};
        MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &add_to_query, &request.query);
        MHD_get_connection_values(connection, MHD_HEADER_KIND, &add_to_headers, &request.headers);
        if (request.header("host").find(',') != std::string_view::npos) {  // RFC 9112, 3.2
            exchange->give(text_answer(400, kPlainText, "more than one Host\n"));
        } else {
            handler_(request, Reply(exchange));
        }
        return request.reads();
    }

    Handler handler_;
    Handshake handshake_;
    Exchanges exchanges_;
    MHD_Daemon* daemon_ = nullptr;
    Acceptor acceptor_;
};

Server::Server(Options options) : daemon_(std::make_unique<Daemon>(std::move(options))) {
}

Server::~Server() = default;

std::string library_version() {
    return MHD_get_version();
}

bool library_has_tls() {
    return MHD_is_feature_supported(MHD_FEATURE_TLS) == MHD_YES;
}

void Server::release(const std::string* text) {
    daemon_->release(text);
}

}  // namespace halfclosed::http
