// What the C library of arm64 has on the way to a system call: a function that saves its return address, signed, and one
// that calls no other and keeps it in x30. test/images/leaf-arm64.so is made of it:
//   aarch64-linux-gnu-as -o leaf.o leaf_arm64.s
//   aarch64-linux-gnu-ld -shared --eh-frame-hdr -z noseparate-code -z max-page-size=4096 -s -o leaf-arm64.so leaf.o

	.text
	.globl saves
	.type saves, %function
saves:
	.cfi_startproc
	paciasp
	.cfi_negate_ra_state
	stp	x29, x30, [sp, #-32]!
	.cfi_def_cfa_offset 32
	.cfi_offset 29, -32
	.cfi_offset 30, -24
	mov	x29, sp
	bl	hidden
	ldp	x29, x30, [sp], #32
	.cfi_restore 30
	.cfi_restore 29
	.cfi_def_cfa_offset 0
	autiasp
	.cfi_negate_ra_state
	ret
	.cfi_endproc
	.size saves, . - saves

	.type hidden, %function
hidden:
	.cfi_startproc
	svc	#0
	ret
	.cfi_endproc
	.size hidden, . - hidden

	.globl exported
	.type exported, %function
exported:
	.cfi_startproc
	svc	#0
	ret
	.cfi_endproc
	.size exported, . - exported
