#include "http/mhd_response.h"

#include <algorithm>
#include <new>
#include <string>

#include "http/stream.h"

namespace halfclosed::http {

namespace {

/// What is sent at once: one send() of a whole body would put up to 64 KiB beyond its buffer into the kernel
/// (net/ipv4/tcp.c:tcp_sendmsg_locked).
constexpr std::size_t kBlock = 14'000;

ssize_t read_text(void* body, std::uint64_t offset, char* to, std::size_t room) {
    const auto& text = **static_cast<std::shared_ptr<const std::string>*>(body);
    return static_cast<ssize_t>(text.copy(to, room, static_cast<std::size_t>(offset)));
}

struct StreamReader {
    std::shared_ptr<Stream> stream;
    MHD_Connection* connection;
};

ssize_t read_stream(void* reader, std::uint64_t, char* to, std::size_t room) {
    const auto& [stream, connection] = *static_cast<StreamReader*>(reader);
    const auto count = stream->read(
        to, room, [connection = connection] { MHD_suspend_connection(connection); },
        [connection = connection] { MHD_resume_connection(connection); });
    return count ? static_cast<ssize_t>(*count) : MHD_CONTENT_READER_END_OF_STREAM;
}

template <typename Held>
void drop(void* held) {
    delete static_cast<Held*>(held);
}

}  // namespace

MhdResponse response_to(const Answer& answer, MHD_Connection* connection) {
    using Text = std::shared_ptr<const std::string>;
    MhdResponse response;
    if (answer.stream) {
        response.reset(MHD_create_response_from_callback(
            MHD_SIZE_UNKNOWN, kBlock, &read_stream, new StreamReader{answer.stream, connection},
            &drop<StreamReader>));
    } else if (answer.body().size() > kBlock) {
        response.reset(MHD_create_response_from_callback(answer.text->size(), kBlock, &read_text,
                                                         new Text(answer.text), &drop<Text>));
    } else if (!answer.body().empty()) {  // goes with its header, in one send()
        response.reset(MHD_create_response_from_buffer_with_free_callback_cls(
            answer.text->size(), const_cast<char*>(answer.text->data()), &drop<Text>,
            new Text(answer.text)));
    } else {
        response.reset(MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT));
    }
    if (!response) {
        throw std::bad_alloc();
    }
    for (const auto& [name, value] : answer.headers) {
        MHD_add_response_header(response.get(), name.c_str(), value.c_str());
    }
    return response;
}

}  // namespace halfclosed::http
