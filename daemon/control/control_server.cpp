#include "control/control_server.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <stdexcept>

#include "control/unix_listener.h"

namespace halfclosed::control {

namespace {

constexpr unsigned kConnections = 32;
/// Of one that does not ask, or does not read; a stream that has nothing to say is not meant.
constexpr unsigned kIdleSeconds = 10;
constexpr std::size_t kConnectionMemory = 16 * 1024;

/// Leaves paths and values as they were sent.
std::size_t keep_escapes(void*, MHD_Connection*, char* text) {
    return std::strlen(text);
}

int descriptor_of(MHD_Connection* connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

MHD_Result add_to_query(void* query, MHD_ValueKind, const char* key, const char* value) {
    (*static_cast<std::map<std::string, std::string>*>(query))[key] = value != nullptr ? value : "";
    return MHD_YES;
}

}  // namespace

/// libmicrohttpd without a thread of its own: it says by a descriptor when there is something to do, and by when.
class ControlServer::Daemon {
 public:
    Daemon(EventLoop& loop, const std::string& path, Router router)
        : loop_(loop), listener_(path), router_(std::move(router)) {
        daemon_ = MHD_start_daemon(
            MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr,
            nullptr, &Daemon::on_request, this, MHD_OPTION_CONNECTION_LIMIT, kConnections,
            MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
            kConnectionMemory, MHD_OPTION_UNESCAPE_CALLBACK, &keep_escapes, nullptr,
            MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, this, MHD_OPTION_END);
        if (daemon_ == nullptr) {
            throw std::runtime_error("cannot start the HTTP server of " + path);
        }
        const int ready = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
        serving_ = loop.descriptor(ready, EPOLLIN, [this](std::uint32_t) { serve(); });
        due_ = loop.timer([this] { serve(); });
        accepting_ =
            loop.descriptor(listener_.descriptor(), EPOLLIN, [this](std::uint32_t) { accept(); });
        rest_ = loop.timer([this] {
            accepting_ = loop_.descriptor(listener_.descriptor(), EPOLLIN,
                                          [this](std::uint32_t) { accept(); });
        });
    }

    ~Daemon() {
        // None may be suspended when the server stops.
        for (const auto& stream : streams_) {
            stream->gone();
        }
        MHD_run(daemon_);
        MHD_stop_daemon(daemon_);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    const std::string& path() const { return listener_.path(); }

 private:
    /// Of one request: an answer that is being streamed, and whether its reader is still there.
    struct Conversation {
        std::shared_ptr<Stream> stream;
        posix::Descriptor line;
        EventLoop::EventSource hangup;
    };

    /// What MHD reads a streamed answer from.
    struct Source {
        Daemon& daemon;
        MHD_Connection* connection;
        std::shared_ptr<Stream> stream;
    };

    void accept() {
        posix::Descriptor connection = listener_.accept();
        if (!connection) {
            // Descriptors are short, and the connection still waits: the loop must not spin on it.
            accepting_ = {};
            rest_.set(std::chrono::milliseconds{100});
            return;
        }
        sockaddr unnamed{};
        unnamed.sa_family = AF_UNIX;
        MHD_add_connection(daemon_, connection.release(), &unnamed, sizeof unnamed.sa_family);
        due_.set(std::chrono::nanoseconds{0});
    }

    void serve() {
        MHD_run(daemon_);
        MHD_UNSIGNED_LONG_LONG milliseconds = 0;
        if (MHD_get_timeout(daemon_, &milliseconds) == MHD_YES) {
            due_.set(std::chrono::milliseconds{milliseconds});
        } else {
            due_.stop();
        }
    }

    /// Called once when the header is complete, once for each piece of a body, and once when all has come.
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char*,
                                 std::size_t* body_size, void** conversation) try {
        auto& daemon = *static_cast<Daemon*>(self);
        if (*conversation == nullptr) {
            *conversation = new Conversation;
            return MHD_YES;
        }
        if (*body_size > 0) {
            *body_size = 0;  // nothing here takes a body
            return MHD_YES;
        }
        return daemon.answer(connection, url, method, *static_cast<Conversation*>(*conversation));
    } catch (const std::exception&) {
        return MHD_NO;  // closes the connection
    }

    MHD_Result answer(MHD_Connection* connection, const char* url, const char* method,
                      Conversation& conversation) {
        const Answer answer = decide(connection, url, method);
        MHD_Response* const response =
            answer.stream ? streamed(connection, answer.stream)
                          : MHD_create_response_from_buffer(answer.body.size(),
                                                            const_cast<char*>(answer.body.data()),
                                                            MHD_RESPMEM_MUST_COPY);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                answer.content_type.c_str());
        for (const auto& [name, value] : answer.headers) {
            MHD_add_response_header(response, name.c_str(), value.c_str());
        }
        const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
        MHD_destroy_response(response);
        if (answer.stream) {
            follow(descriptor_of(connection), answer.stream, conversation);
        }
        return queued;
    }

    Answer decide(MHD_Connection* connection, const char* url, const char* method) {
        const std::optional<Peer> peer = peer_of(descriptor_of(connection));
        if (!peer || !may_control(*peer, listener_.owner())) {
            return {403,
                    "text/plain; charset=utf-8",
                    "only root, the daemon's user and the group of its socket may ask\n",
                    {},
                    {}};
        }
        Request request{method, url, {}, *peer};
        MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &add_to_query, &request.query);
        return router_(request);
    }

    MHD_Response* streamed(MHD_Connection* connection, const std::shared_ptr<Stream>& stream) {
        constexpr std::size_t kBlock = 4 * 1024;
        return MHD_create_response_from_callback(
            MHD_SIZE_UNKNOWN, kBlock, &Daemon::read_stream, new Source{*this, connection, stream},
            [](void* source) { delete static_cast<Source*>(source); });
    }

    static ssize_t read_stream(void* self, std::uint64_t, char* buffer, std::size_t room) {
        const Source& source = *static_cast<Source*>(self);
        Stream& stream = *source.stream;
        if (!stream.unread_.empty()) {
            const std::size_t count = std::min(room, stream.unread_.size());
            std::memcpy(buffer, stream.unread_.data(), count);
            stream.unread_.erase(0, count);
            return static_cast<ssize_t>(count);
        }
        if (stream.ended_) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
        stream.wake_ = [&daemon = source.daemon, connection = source.connection] {
            MHD_resume_connection(connection);
            daemon.due_.set(std::chrono::nanoseconds{0});
        };
        MHD_suspend_connection(source.connection);
        return 0;
    }

    /// libmicrohttpd does not notice that the peer of a suspended connection goes.
    void follow(int descriptor, const std::shared_ptr<Stream>& stream, Conversation& conversation) {
        streams_.insert(stream);
        conversation.stream = stream;
        conversation.line = posix::Descriptor(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
        if (conversation.line) {
            conversation.hangup =
                loop_.descriptor(conversation.line.get(), EPOLLHUP, [&conversation](std::uint32_t) {
                    conversation.hangup = {};
                    conversation.stream->gone();
                });
        }
    }

    static void on_completed(void* self, MHD_Connection*, void** state,
                             MHD_RequestTerminationCode) {
        const std::unique_ptr<Conversation> conversation(static_cast<Conversation*>(*state));
        *state = nullptr;
        if (conversation && conversation->stream) {
            static_cast<Daemon*>(self)->streams_.erase(conversation->stream);
            conversation->stream->gone();
        }
    }

    EventLoop& loop_;
    UnixListener listener_;
    Router router_;
    std::set<std::shared_ptr<Stream>> streams_;
    MHD_Daemon* daemon_ = nullptr;
    EventLoop::EventSource serving_;
    EventLoop::EventSource due_;
    EventLoop::EventSource accepting_;
    EventLoop::EventSource rest_;
};

ControlServer::ControlServer(EventLoop& loop, const std::string& path, Router router)
    : daemon_(std::make_unique<Daemon>(loop, path, std::move(router))) {
}

ControlServer::~ControlServer() = default;

const std::string& ControlServer::path() const {
    return daemon_->path();
}

}  // namespace halfclosed::control
