// Two threads that write to one number without an order: what the sanitizer must report, or its silence says nothing.

#include <cstdio>
#include <thread>

int main() {
    int number = 0;
    std::thread other([&number] { ++number; });
    ++number;
    other.join();
    std::printf("%d\n", number);
}
