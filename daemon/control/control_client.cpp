#include "control/control_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "posix/line_reader.h"
#include "text/words.h"

namespace halfclosed::control {

namespace {

std::string advice(int error) {
    switch (error) {
        case ENOENT:
        case ECONNREFUSED:
            return "is 'halfclosed serve' running, with this --control-socket?";
        case EACCES:
            return "only root, the daemon's user and its group may";
        default:
            return "try again";
    }
}

posix::Descriptor connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        throw ControlError("'" + path + "' cannot be the path of a socket");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    posix::Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!connection || connect(connection.get(), reinterpret_cast<const sockaddr*>(&address),
                               sizeof address) < 0) {
        const int error = errno;
        throw ControlError("cannot reach the daemon at " + path + ": " + std::strerror(error) +
                           "; " + advice(error));
    }
    return connection;
}

/// HTTP/1.0, because the answer then comes as it is, without chunks, and ends with the connection (RFC 9112 section
/// 6.3): all that this needs of HTTP is a line to begin with.
void send_request(int connection, Method method, const std::string& target) {
    const std::string request = (method == Method::get ? "GET " : "POST ") + target +
                                " HTTP/1.0\r\nHost: localhost\r\n\r\n";
    std::size_t sent = 0;
    while (sent < request.size()) {
        const auto count =
            send(connection, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            throw ControlError(std::string("cannot ask the daemon: ") + std::strerror(errno));
        }
        sent += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
}

/// Tells the lines of an answer's body from those before it.
class AnswerReader {
 public:
    explicit AnswerReader(const std::function<void(const std::string&)>& line) : line_(line) {}

    void read(const std::string& text) {
        if (in_body_) {
            body(text);
            return;
        }
        const std::string head = text.substr(0, text.find('\r'));
        if (!status_) {
            std::string_view rest = head;
            text::next_word(rest);
            status_ = text::to_number<unsigned>(text::next_word(rest)).value_or(0);
        }
        in_body_ = head.empty();
    }

    /// At the end of the connection.
    void finish() const {
        if (status_.value_or(0) != 200) {
            throw ControlError("the daemon says: " + (refusal_.empty() ? "nothing" : refusal_));
        }
    }

 private:
    void body(const std::string& text) {
        if (status_ == 200U) {
            line_(text);
        } else if (refusal_.empty()) {
            refusal_ = text;
        }
    }

    const std::function<void(const std::string&)>& line_;
    std::optional<unsigned> status_;
    std::string refusal_;
    bool in_body_ = false;
};

}  // namespace

bool ask(Method method, const std::string& socket, const std::string& target,
         const std::function<void(const std::string&)>& line, int stop) {
    posix::Descriptor connection = connect_to(socket);
    send_request(connection.get(), method, target);
    posix::LineReader lines(std::move(connection));
    AnswerReader answer(line);
    while (lines.read([&answer](const std::string& text) { answer.read(text); })) {
        std::array<pollfd, 2> waiting{{{lines.descriptor(), POLLIN, 0}, {stop, POLLIN, 0}}};
        poll(waiting.data(), stop < 0 ? 1 : 2, -1);
        if (stop >= 0 && waiting[1].revents != 0) {
            return false;
        }
    }
    answer.finish();
    return true;
}

}  // namespace halfclosed::control
