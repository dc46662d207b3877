// The entry point, and what the compiler expects of a C library. Panics abort, so the personality that core's
// unwinding tables name is never called.
    .section .text._start,"ax",@progbits
    .globl _start
_start:
    mov x29, xzr
    mov x30, xzr
    mov x0, sp
    sub sp, sp, #{free}
    sub sp, sp, #{room}
    mov x1, sp
    bl gv_start
    brk #1

    .section .text.memcpy,"ax",@progbits
    .globl memcpy
memcpy:
    mov x3, xzr
2:  cmp x3, x2
    b.eq 3f
    ldrb w4, [x1, x3]
    strb w4, [x0, x3]
    add x3, x3, #1
    b 2b
3:  ret

    .section .text.memmove,"ax",@progbits
    .globl memmove
memmove:
    cmp x0, x1
    b.ls memcpy
2:  cbz x2, 3f
    sub x2, x2, #1
    ldrb w4, [x1, x2]
    strb w4, [x0, x2]
    b 2b
3:  ret

    .section .text.memset,"ax",@progbits
    .globl memset
memset:
    mov x3, xzr
2:  cmp x3, x2
    b.eq 3f
    strb w1, [x0, x3]
    add x3, x3, #1
    b 2b
3:  ret

    .section .text.memcmp,"ax",@progbits
    .globl memcmp
    .globl bcmp
memcmp:
bcmp:
    mov x3, xzr
2:  cmp x3, x2
    b.eq 3f
    ldrb w4, [x0, x3]
    ldrb w5, [x1, x3]
    add x3, x3, #1
    subs w4, w4, w5
    b.eq 2b
    mov w0, w4
    ret
3:  mov w0, wzr
    ret

    .section .text.strlen,"ax",@progbits
    .globl strlen
strlen:
    mov x1, xzr
2:  ldrb w2, [x0, x1]
    cbz w2, 3f
    add x1, x1, #1
    b 2b
3:  mov x0, x1
    ret

    .section .text.rust_eh_personality,"ax",@progbits
    .globl rust_eh_personality
rust_eh_personality:
    brk #1
    .text
